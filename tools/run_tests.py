#!/usr/bin/env python3
"""Runs the suites one after the other, shows progress, sums what each runner counted, and ends with `N passed, N failed`.

A suite is a command whose own report is read for its counts; a runner that dies, hangs or reports nothing counts as one
failure: no silence passes.
"""
import argparse, json, os, pathlib, re, signal, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Suite:
    def __init__(self, name, command, parse, timeout, quick=True, env=None):
        self.name, self.command, self.parse, self.timeout, self.quick, self.env = name, command, parse, timeout, quick, env or {}


def parse_exit(_output, code):
    return (1, 0, []) if code == 0 else (0, 1, [])


def parse_gtest(output, code):
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
    failed = re.findall(r"^\[  FAILED  \] ([\w./]+)(?:,|$)", output, re.M)
    failed = sorted({f for f in failed if "." in f})
    count = len(failed)
    if code != 0 and count == 0:
        count = 1
    return passed, count, failed


def parse_node(output, code):
    """A node:test script run directly, with the TAP reporter: counts by its closing summary."""
    passed = sum(int(n) for n in re.findall(r"^# pass (\d+)", output, re.M))
    failed = sum(int(n) for n in re.findall(r"^# fail (\d+)", output, re.M)) + sum(int(n) for n in re.findall(r"^# cancelled (\d+)", output, re.M))
    names = re.findall(r"^\s*not ok \d+ - (.*)$", output, re.M)
    if (code != 0 or passed == 0) and failed == 0:
        failed = 1
    return passed, failed, names


def parse_vitest(output, code):
    match = re.search(r"Tests\s+(?:(\d+) failed \| )?(\d+) passed", re.sub(r"\x1b\[[0-9;]*m", "", output))
    if not match:
        return 0, 1, []
    failed = int(match.group(1) or 0)
    return int(match.group(2)), failed or (1 if code else 0), []


def suites(build, fuzz_build):
    found = []
    for check in ("floors", "sizes", "format"):
        found.append(Suite(f"check/{check}", [str(ROOT / f"tools/check_{check}")], parse_exit, 120))
    for program in sorted(build.glob("src/*/fl_*_test")):
        room = program.name[3:-5]
        found.append(Suite(f"unit/{room}", [str(program), "--gtest_color=no"], parse_gtest, 600))
    for source in sorted((ROOT / "fuzz").glob("*_fuzz.cc")):
        corpus = ROOT / "fuzz/corpus" / source.stem
        command = [str(fuzz_build / "fuzz" / source.stem), "-max_total_time=1", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
                   f"-artifact_prefix={tempfile.gettempdir()}/footlight-{source.stem}-"]
        if corpus.is_dir():
            # The first folder takes what is found; the kept corpus is only read.
            command += [tempfile.mkdtemp(prefix="footlight-fuzz-"), str(corpus)]
        found.append(Suite(f"fuzz/{source.stem[:-5]}", command, parse_exit, 60))
    found.append(Suite("web/unit", ["npm", "--prefix", str(ROOT / "web"), "test", "--silent"], parse_vitest, 300))
    for folder, quick in (("integration", True), ("interop", False), ("network", False), ("browser", False)):
        for script in sorted((ROOT / "tests" / folder).glob("*.test.mjs")):
            found.append(Suite(f"{folder}/{script.name[:-9]}",
                               ["node", "--test-reporter=tap", str(script)], parse_node, 900, quick,
                               {"FOOTLIGHT": str(build / "footlight")}))
    return found


def run(suite):
    started = time.monotonic()
    env = dict(os.environ, **suite.env)
    # Its own session: on a time-out the whole group ends, so no server or browser is left behind.
    process = subprocess.Popen(suite.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=env, start_new_session=True, text=True, errors="replace")
    try:
        output, _ = process.communicate(timeout=suite.timeout)
        code = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        output += f"\nstopped after {suite.timeout} s"
        code = 124
    return output, code, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", nargs="?", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build", default="build/release", help="the build folder whose programs are run")
    parser.add_argument("--only", default="", help="comma-separated prefixes of suites, such as unit/")
    parser.add_argument("--failures", default="", help="a file that gets the last lines of each suite that failed")
    arguments = parser.parse_args()
    build = ROOT / arguments.build
    chosen = suites(build, ROOT / "build/fuzz")
    if arguments.only:
        chosen = [s for s in chosen if s.name.startswith(tuple(arguments.only.split(",")))]
    if arguments.quick:
        chosen = [s for s in chosen if s.quick]
    if arguments.name:
        by_suite = [s for s in chosen if arguments.name in s.name]
        if not by_suite:  # a test's name: ask every gtest program for it
            for s in chosen:
                if s.parse is parse_gtest:
                    s.command.append(f"--gtest_filter=*{arguments.name}*")
                    by_suite.append(s)
        chosen = by_suite
    if arguments.list:
        print("\n".join(s.name for s in chosen))
        return 0
    passed = failed = 0
    # What failed is said again at the end, and kept for who runs several suites: the lines in between push it out of sight.
    failures = []
    for index, suite in enumerate(chosen, 1):
        output, code, seconds = run(suite)
        ok, bad, names = suite.parse(output, code)
        if arguments.name and suite.parse is parse_gtest and ok == 0 and bad == 0:
            continue
        passed, failed = passed + ok, failed + bad
        print(f"[{index}/{len(chosen)}] {suite.name}: {ok} passed" + (f", {bad} FAILED" if bad else "") + f" ({seconds:.1f} s)", flush=True)
        figures = re.findall(r"^(?:# )?\s*(figure: .*)$", output, re.M)
        for figure in figures:
            print("    " + figure, flush=True)
        if bad:
            print("\n".join("    " + n for n in names[:30]))
            print("\n".join("  | " + line for line in output.splitlines()[-80:]), flush=True)
            failures.append("\n".join([f"FAILED {suite.name}: {'; '.join(names[:10]) or f'exit code {code}'}"] + ["  | " + line for line in output.splitlines()[-40:]]))
    if passed + failed == 0:
        print(f"no test matches '{arguments.name}'")
        failed = 1
    for failure in failures:
        print(failure.splitlines()[0])
    if failures and arguments.failures:
        with open(arguments.failures, "a") as kept:
            kept.write("\n".join(failures) + "\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
