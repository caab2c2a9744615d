"""The benchmark's result, for people."""

from __future__ import annotations

from typing import Any


def as_table(result: dict[str, Any]) -> str:
    machine, before = result["machine"], result["ceilings"]["before"]
    precision = "bf16" if machine["bfloat16"] else "fp32"
    lines = [
        f"{machine['name']} ({machine['device']}), {machine['threads']} threads, torch {machine['torch']}, {precision}",
        result["data"],
        f"ceilings: {before['gemm_fp32'] / 1e9:,.0f} GFLOP/s fp32"
        + (f", {before['gemm_bf16'] / 1e9:,.0f} bf16" if before["gemm_bf16"] else "")
        + f", copy {before['copy'] / 1e9:,.1f} GB/s; drift {result['ceilings']['drift']:.1%}",
        "",
        "network       images/s   usual      ratio (range)  of GEMM  of fp32  s/epoch  s/10,000 tests",
    ]
    for row in result["networks"]:
        low, high = row["ratio_range"]
        lines.append(
            f"{row['preset']:<12} {row['images_per_second']:>9,.0f} {row['usual_images_per_second']:>7,.0f} "
            f"{row['ratio']:>6.2f} ({low:.2f}-{high:.2f}) {row['gemm_share']:>8.0%} {row['fp32_gemm_share']:>8.0%} "
            f"{row['seconds_per_epoch']:>8,.1f} {row['evaluation_seconds']:>15,.2f}"
        )
        if row["peak_bytes"]:
            ours, usual = row["peak_bytes"] / 2**20, row["usual_peak_bytes"] / 2**20
            lines.append(f"{'':<12} GPU memory of a step, at most: {ours:,.0f} MiB, usual {usual:,.0f} MiB")
        if row["graph_failure"]:
            lines.append(f"{'':<12} not replayed from a CUDA graph: {row['graph_failure']}")
    start = result["start"]
    lines += [
        "",
        f"a new process has taken its first step of classic after {start['seconds_to_first_step']:.1f} s",
        f"and used {start['peak_resident_bytes'] / 2**20:,.0f} MiB of memory by then",
    ]
    if result["void"]:
        lines.append(
            f"VOID: the machine's own speed changed by {result['ceilings']['drift']:.0%} meanwhile; something else "
            f"was running. The ratios may still hold, the rates do not."
        )
    return "\n".join(lines)
