"""launcher.py RECORD PROGRAM STATIC: what a supervisor sees of a program under pgo-record.

PROGRAM says "ready PID PPID" and then "got SIGNAL VALUE" for each signal that it gets, but
SIGTSTP, and ends with status 3 at SIGTERM.  STATIC is the same, linked statically, or "".
Each wait here is for something that happens; the limit of time is for tests that fail.
"""
import ctypes
import os
import pty
import select
import signal
import subprocess
import sys
import termios

RECORD, PROGRAM, STATIC = sys.argv[1:4]
LIMIT = 60
started = []
libc = ctypes.CDLL(None, use_errno=True)


def fail(text):
    print("FAILED:", text)
    for pid in started:
        os.kill(pid, signal.SIGKILL)  # and the program with it
    os._exit(1)


class Lines:
    """What comes out of a descriptor, a line at a time."""

    def __init__(self, descriptor):
        self.descriptor, self.text, self.seen = descriptor, b"", []

    def next(self):
        while b"\n" not in self.text:
            if not select.select([self.descriptor], [], [], LIMIT)[0]:
                fail("nothing was said any more after %s" % self.seen)
            try:
                more = os.read(self.descriptor, 4096)
            except OSError:  # the end of a terminal
                more = b""
            if not more:
                return None
            self.text += more
        line, self.text = self.text.split(b"\n", 1)
        self.seen.append(line.decode().strip())
        return self.seen[-1]

    def until(self, wanted):
        while True:
            line = self.next()
            if line is None:
                fail("ended before %r: %s" % (wanted, self.seen))
            if line.startswith(wanted):
                return line


def start(*command, environment=None):
    process = subprocess.Popen([RECORD, "-q", "--force", "-o", "relay.pgoraw", *command],
                               stdout=subprocess.PIPE, env=environment, process_group=0)
    started.append(process.pid)
    lines = Lines(process.stdout.fileno())
    ready = lines.until("ready").split()
    return process, lines, int(ready[1]), int(ready[2])


def end(process, lines, name):
    process.send_signal(signal.SIGTERM)
    while lines.next() is not None:
        pass
    started.remove(process.pid)
    if process.wait() != 3:
        fail("%s: status %s" % (name, process.returncode))


def signals_arrive(program):
    process, lines, _, _ = start("--", program)
    for name in "HUP INT QUIT USR1 USR2 ALRM WINCH CONT URG IO PWR VTALRM PIPE XFSZ".split():
        number = getattr(signal, "SIG" + name)
        process.send_signal(number)
        lines.until("got %d " % number)
    number = signal.SIGRTMIN + 3
    libc.sigqueue(process.pid, number, ctypes.c_void_p(4711))
    lines.until("got %d 4711" % number)
    end(process, lines, "signals")


def state_of(pid):
    with open("/proc/%d/stat" % pid) as stream:
        return stream.read().rsplit(") ", 1)[1][0]


def stops_and_goes_on(program):
    process, lines, pid, _ = start("--", program)
    process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status) or state_of(pid) != "T":
        fail("stopped: status %#x, the program's state %s" % (status, state_of(pid)))
    process.send_signal(signal.SIGCONT)
    lines.until("got %d " % signal.SIGCONT)
    # Only the program is stopped, and continued: its parent goes on.
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGCONT)
    lines.until("got %d " % signal.SIGCONT)
    end(process, lines, "stopped")


def ends_with_its_parent(program):
    process, lines, pid, parent = start("--", program)
    if parent != process.pid:
        fail("the program's parent is %d" % parent)
    started.remove(process.pid)
    process.kill()
    process.wait()
    while lines.next() is not None:  # until nobody holds the pipe any more
        pass


def as_a_shell(program):
    """A job in the foreground of our terminal; continues it when it stops.  Its exit status."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    settings = termios.tcgetattr(0)
    settings[3] |= termios.NOFLSH  # a key that sends a signal flushes no output
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, settings)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(RECORD, [RECORD, "-q", "--force", "-o", "relay.pgoraw", "--", program])
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        os.write(1, b"stopped\n")
        os.killpg(job, signal.SIGCONT)


def terminal(program):
    shell, descriptor = pty.fork()
    if shell == 0:
        os._exit(as_a_shell(program))
    lines = Lines(descriptor)
    job = int(lines.until("ready").split()[2])
    started.append(job)
    os.write(descriptor, b"\x03")
    lines.until("got 2 ")
    os.write(descriptor, b"\x1c")
    lines.until("got 3 ")
    os.write(descriptor, b"\x1a")
    lines.until("stopped")
    lines.until("got %d " % signal.SIGCONT)
    os.kill(job, signal.SIGTERM)
    while lines.next() is not None:
        pass
    started.remove(job)
    _, status = os.waitpid(shell, 0)
    if status != 3 << 8:
        fail("at a terminal: ended with %#x" % status)
    for number in (2, 3):
        if sum(line.startswith("got %d " % number) for line in lines.seen) != 1:
            fail("at a terminal, signal %d: %s" % (number, lines.seen))


def names_its_process(program):
    for mode in ([], ["--exec"]):
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'LISTEN_PID=$$ WATCHDOG_PID=$$ LISTEN_FDS=1 exec "$@"', "sh", RECORD,
             "-q", "--force", "-o", "relay.pgoraw", *mode, "--", program, "LISTEN_PID",
             "WATCHDOG_PID", "LISTEN_FDS"], stdout=subprocess.PIPE)
        started.append(process.pid)
        lines = Lines(process.stdout.fileno())
        pid = lines.until("ready").split()[1]
        seen = lines.until("variables").split()[1:]
        if seen != [pid, pid, "1"]:
            fail("%s: process %s sees %s" % (mode, pid, seen))
        end(process, lines, "variables")


def becomes_the_program(program):
    process, lines, pid, parent = start("--exec", "--", program)
    if pid != process.pid or parent != os.getpid():
        fail("--exec: process %d of %d, not %d of %d" % (pid, parent, process.pid, os.getpid()))
    started.remove(process.pid)
    process.kill()
    if process.wait() != -signal.SIGKILL:
        fail("--exec: ended with %s" % process.returncode)


signals_arrive(PROGRAM)
stops_and_goes_on(PROGRAM)
ends_with_its_parent(PROGRAM)
terminal(PROGRAM)
names_its_process(PROGRAM)
becomes_the_program(PROGRAM)
if STATIC:
    signals_arrive(STATIC)
    stops_and_goes_on(STATIC)
    ends_with_its_parent(STATIC)
    terminal(STATIC)
    names_its_process(STATIC)
