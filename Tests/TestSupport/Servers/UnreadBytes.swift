/// What a stopped process has been sent and has not read: proof that the call is in its hands.
public enum UnreadBytes {
  /// Python's function `has_unread_bytes(process)`; imports `os`. By proc(5), `/proc/[pid]/net/tcp`.
  static let python = """
    def has_unread_bytes(process):
        folder = f"/proc/{process}/fd"
        inodes = {os.readlink(f"{folder}/{name}").removeprefix("socket:[").rstrip("]") for name in os.listdir(folder)}
        fields = [line.split() for line in open(f"/proc/{process}/net/tcp")][1:]
        return any(field[9] in inodes and int(field[4].split(":")[1], 16) > 0 for field in fields)

    """

  /// Waits until the process has some.
  public static func wait(in process: Int32) throws {
    let script = """
      import os
      \(python)
      print(json.dumps(has_unread_bytes(question)))
      """
    try eventually("unread bytes") { try CommandRun.python(script, process) }
  }
}
