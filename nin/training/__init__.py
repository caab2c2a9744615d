"""fit(): a training as a generator of records, and what it is made of. It neither prints nor writes. Imports engine and what lies below it."""
