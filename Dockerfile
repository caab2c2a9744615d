# NiN Lab in a container. docs/deploy.md says how it is built and run, and what of it could not be tried.
#
#   docker build -t nin-lab .                                    GPU and CPU: PyTorch as the package index has it
#   docker build -t nin-lab:cpu --build-arg TORCH_INDEX=URL .    CPU alone, smaller: URL is PyTorch's index of CPU builds
ARG PYTHON=3.12
FROM python:${PYTHON}-slim

# Empty: the usual package index, whose PyTorch for Linux on x86-64 brings CUDA along (its host needs a driver, no toolkit).
ARG TORCH_INDEX=""

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /lab

# Before the code, so that a change of it does not install everything again.
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then grep '^torch' requirements.txt | xargs -d '\n' pip install --index-url "$TORCH_INDEX"; fi \
    && pip install -r requirements.txt

COPY . .

# The tree is root's and not written to. What is: runs, downloads and the queue for devices, under /data.
RUN useradd --uid 1000 --create-home lab && mkdir -p /data/runs /data/queue && chown -R lab /data
ENV NIN_RUNS=/data/runs NIN_QUEUE=/data/queue XDG_DATA_HOME=/data
USER lab
VOLUME /data
EXPOSE 8501

HEALTHCHECK --start-period=30s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=3)"]

CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
