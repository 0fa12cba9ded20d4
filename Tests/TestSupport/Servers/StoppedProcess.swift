/// A process of `pooltable local`, stopped between two calls, so that the next one stays in its hands.
public enum StoppedProcess {
  /// Python's `wait_until(what)`, `stop(process, server)` and `wait_until_called(process)`, by proc(5). A process that
  /// waits for a call sleeps, as does the server, and neither has anything left to read; what a stopped one has not read
  /// is then the call.
  static let python = """
    import glob, os, signal, time

    def wait_until(what):
        end = time.monotonic() + 30
        while not what():
            if time.monotonic() > end:
                sys.exit("waited for 30 seconds")
            time.sleep(0.01)

    def has_unread_bytes(process):
        folder = f"/proc/{process}/fd"
        inodes = {os.readlink(f"{folder}/{name}").removeprefix("socket:[").rstrip("]") for name in os.listdir(folder)}
        sockets = [line.split() for line in open(f"/proc/{process}/net/tcp")][1:]
        return any(fields[9] in inodes and int(fields[4].split(":")[1], 16) > 0 for fields in sockets)

    def is_quiet(process):
        threads = [open(path).read() for path in glob.glob(f"/proc/{process}/task/*/stat")]
        return not has_unread_bytes(process) and all(text.rpartition(")")[2].split()[0] == "S" for text in threads)

    def stop(process, server):
        wait_until(lambda: all(is_quiet(one) for one in [process, server, process, server]))
        os.kill(process, signal.SIGSTOP)

    def wait_until_called(process):
        wait_until(lambda: has_unread_bytes(process))

    """

  /// Waits until the process waits for a call, and stops it there.
  public static func stop(_ process: Int32, of server: Int32) throws {
    try run("stop(\(process), \(server))")
  }

  /// Waits until it has been sent a call.
  public static func waitUntilCalled(_ process: Int32) throws {
    try run("wait_until_called(\(process))")
  }

  private static func run(_ call: String) throws {
    let _: Bool = try CommandRun.python("\(python)\n\(call)\nprint('true')", true)
  }
}
