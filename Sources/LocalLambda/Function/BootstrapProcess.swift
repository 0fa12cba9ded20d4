import Clock
import Glibc

/// How a process ended.
public enum ExitStatus: Sendable, Equatable {
  /// By itself, with this exit code.
  case exited(Int32)
  /// By a signal.
  case killed(signal: Int32)
}

/// A runtime process, started as Lambda starts it: nothing but an environment.
public final class BootstrapProcess {
  /// The system's id of the process.
  public let processID: pid_t
  /// What the process wrote to standard error so far, less what `takeLog` has taken.
  public private(set) var log: [UInt8] = []
  /// Nil once the process has closed its standard error.
  private(set) var logDescriptor: Int32?
  private var status: ExitStatus?

  /// - Parameters:
  ///   - environment: the whole environment of the process.
  ///   - isInOwnGroup: whether Control-C on a terminal leaves it to its parent to end it.
  public init(
    executable: String, arguments: [String] = [], environment: [String: String],
    isInOwnGroup: Bool = false
  ) throws(LocalRuntimeError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .systemCall("pipe", errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    defer { close(ends[1]) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // Its own id.
    posix_spawnattr_setpgroup(&attributes, 0)
    let group = isInOwnGroup ? POSIX_SPAWN_SETPGROUP : 0
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

    var child = pid_t()
    let code = withCStringArray([executable] + arguments) { arguments in
      withCStringArray(environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&child, executable, &actions, &attributes, arguments, environment)
      }
    }
    guard code == 0 else {
      close(ends[0])
      throw .systemCall("posix_spawn \(executable)", code)
    }
    processID = child
    logDescriptor = ends[0]
  }

  /// Ends the process if it still runs: no test or command leaves one behind.
  deinit {
    if exitStatus == nil {
      kill(processID, SIGKILL)
      var ignored: Int32 = 0
      waitpid(processID, &ignored, 0)
    }
    if let logDescriptor { close(logDescriptor) }
  }

  /// Nil while the process runs.
  public var exitStatus: ExitStatus? {
    if let status { return status }
    var raw: Int32 = 0
    guard waitpid(processID, &raw, WNOHANG) == processID else { return nil }
    let signal = raw & 0x7F
    status = signal == 0 ? .exited((raw >> 8) & 0xFF) : .killed(signal: signal)
    readLog()
    return status
  }

  /// Sends a signal; does nothing once the process has ended.
  public func send(signal: Int32) {
    if exitStatus == nil { kill(processID, signal) }
  }

  /// Waits for the process to end, reading its log meanwhile.
  public func waitForExit(until deadline: Deadline) -> ExitStatus? {
    while exitStatus == nil, !deadline.hasPassed {
      if let logDescriptor {
        _ = deadline.capped(at: .milliseconds(10)).wait(for: .reading, on: logDescriptor)
        readLog()
      }
      if logDescriptor == nil { Deadline.after(.milliseconds(1)).sleep() }
    }
    return exitStatus
  }

  /// What has come since the last call; never waits. What is taken is dropped here, so that a process can be
  /// watched for any length of time.
  public func takeLog() -> [UInt8] {
    readLog()
    let taken = log
    log = []
    return taken
  }

  /// More than a pipe holds: reading ends even if the process never stops writing.
  static let logLimitPerRead = 1 << 20

  /// Takes what is in the pipe into `log`, at most `logLimitPerRead` bytes; never waits.
  public func readLog() {
    let end = log.count + Self.logLimitPerRead
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 14) { chunk in
      while log.count < end, let descriptor = logDescriptor {
        let count = read(descriptor, chunk.baseAddress, chunk.count)
        if count > 0 {
          log.append(contentsOf: chunk[..<count])
        } else if count == 0 {
          close(descriptor)
          logDescriptor = nil
        } else if errno != EINTR {
          return
        }
      }
    }
  }
}

private func withCStringArray<Result>(
  _ strings: [String],
  _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
  defer { for pointer in pointers { free(pointer) } }
  pointers.append(nil)
  return body(pointers)
}
