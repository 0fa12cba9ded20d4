import Clock
import Glibc
import JSON

/// What the process is doing, for its last words.
public enum ProcessStep: UInt8, Sendable, CaseIterable {
  /// In the order of a process's life; the last three repeat for each event.
  case start, next, handle, answer

  var name: StaticString {
    switch self {
    case .start: "starting"
    case .next: "asking for an event"
    case .handle: "handling an event"
    case .answer: "answering"
    }
  }
}

/// Says in one line that a signal ends the process, and what it was doing.
///
/// A trap of Swift's kills the process without a word, and Lambda's own line names a signal at best. The
/// handler calls only what POSIX allows in one (`clock_gettime`, `write`, `raise`): nothing is allocated, no
/// lock is taken. It then lets the signal end the process as it would have.
public enum FatalSignals {
  /// Those of a trap, of a bad memory access, of `abort`.
  static let signals = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

  /// Nil until `report`; never freed.
  nonisolated(unsafe) private static var lastWords: UnsafeMutablePointer<LastWords>?

  /// From now on each of these signals is logged before it ends the process.
  public static func report(in format: LogFormat) {
    let words = UnsafeMutablePointer<LastWords>.allocate(capacity: 1)
    words.initialize(to: LastWords(format: format))
    lastWords = words
    // A stack of its own: the other one may be what has run out.
    let size = 64 << 10
    var stack = stack_t(
      ss_sp: UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16), ss_flags: 0,
      ss_size: size)
    sigaltstack(&stack, nil)
    for signal in signals {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        FatalSignals.lastWords?.pointee.write(number)
        // The signal is blocked here, and its action is the default again: it ends the process on return.
        raise(number)
      }
      action.sa_flags = SA_ONSTACK | Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(signal, &action, nil)
    }
  }

  /// Call this before each step.
  /// - Parameter requestID: nil between invocations.
  static func note(_ step: ProcessStep, requestID: String? = nil) {
    lastWords?.pointee.note(step, requestID: requestID)
  }
}

/// All that the handler reads and writes.
private struct LastWords {
  private static let capacity = 512
  private static let requestIDLimit = 64

  let format: LogFormat
  private var step = ProcessStep.start
  private let requestIDText = UnsafeMutablePointer<UInt8>.allocate(capacity: requestIDLimit)
  private var requestIDLength = 0
  private let line = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)

  init(format: LogFormat) {
    self.format = format
  }

  /// Ids are UUIDs. In anything else, bytes that would need escaping are replaced.
  mutating func note(_ step: ProcessStep, requestID: String?) {
    self.step = step
    requestIDLength = 0
    guard var id = requestID else { return }
    id.withUTF8 { bytes in
      for byte in bytes.prefix(Self.requestIDLimit) {
        let isPlain = byte == UInt8(ascii: "-") || byte.isASCIILetterOrDigit
        requestIDText[requestIDLength] = isPlain ? byte : UInt8(ascii: "?")
        requestIDLength += 1
      }
    }
  }

  mutating func write(_ signal: Int32) {
    var end = 0
    func put(_ text: StaticString) {
      for offset in 0..<text.utf8CodeUnitCount where end < line.count {
        line[end] = text.utf8Start[offset]
        end += 1
      }
    }
    func putRequestID() {
      for offset in 0..<requestIDLength where end < line.count {
        line[end] = requestIDText[offset]
        end += 1
      }
    }
    let isJSON = format == .json
    if isJSON { put("{\"timestamp\":\"") }
    end += Timestamp.now().write(to: UnsafeMutableBufferPointer(rebasing: line[end...]))
    put(isJSON ? "\",\"level\":\"FATAL\",\"message\":\"" : " FATAL ")
    put("killed by ")
    put(Self.name(of: signal))
    put(" while ")
    put(step.name)
    if requestIDLength > 0 {
      put(isJSON ? "\",\"requestId\":\"" : " requestId=")
      putRequestID()
    }
    put(isJSON ? "\"}\n" : "\n")
    _ = Glibc.write(STDERR_FILENO, line.baseAddress, end)
  }

  private static func name(of signal: Int32) -> StaticString {
    switch signal {
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGSEGV: "SIGSEGV"
    default: "a signal"
    }
  }
}

/// How the process meets the signals that end it, or might.
public enum Termination {
  /// Ends the process at once and quietly on SIGTERM, as Lambda's shutdown asks for.
  ///
  /// Nothing needs tidying: a statement under way either commits or does not, on the server.
  public static func exitOnSIGTERM() {
    signal(SIGTERM) { _ in _exit(0) }
  }

  /// Makes writing to a peer that has gone an error of that call, instead of the end of the process.
  public static func ignoreSIGPIPE() {
    signal(SIGPIPE, SIG_IGN)
  }
}
