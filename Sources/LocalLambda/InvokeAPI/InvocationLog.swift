import Clock

/// The log of one invocation, with the lines that Lambda writes around the function's own.
struct InvocationLog: Sendable, Equatable {
  /// Of `X-Amz-Log-Result`, in bytes.
  static let tailLimit = 4096
  /// A function that logs without end has only so much of it kept.
  static let limit = 1 << 20

  private(set) var bytes: [UInt8] = []

  /// Adds what the process wrote.
  mutating func append(_ written: some Collection<UInt8>) {
    bytes.append(contentsOf: written)
    if bytes.count > Self.limit { bytes.removeFirst(bytes.count - Self.limit / 2) }
  }

  mutating func start(requestID: String) {
    append("START RequestId: \(requestID) Version: $LATEST\n".utf8)
  }

  /// - Parameters:
  ///   - initialization: how long the process took to ask for its first event; nil where it had done so before.
  ///   - memory: in MB: what the function may use, and what it did use at most.
  mutating func end(
    requestID: String, duration: Duration, initialization: Duration?,
    memory: (size: Int, used: Int), failure: FunctionFailure?
  ) {
    if bytes.last ?? 0x0A != 0x0A { bytes.append(0x0A) }
    let initText = initialization.map { "Init Duration: \($0.millisecondsText) ms\t" } ?? ""
    let status =
      switch failure {
      case nil: ""
      case .timedOut: "Status: timeout"
      case .some(let failure): "Status: error\tError Type: \(failure.type)"
      }
    append(
      """
      END RequestId: \(requestID)
      REPORT RequestId: \(requestID)\t\(initText)Duration: \(duration.millisecondsText) ms\t\
      Billed Duration: \(duration.wholeMillisecondsRoundedUp) ms\tMemory Size: \(memory.size) MB\t\
      Max Memory Used: \(memory.used) MB\t\(status)

      """.utf8)
  }

  /// Its last 4 KB.
  var tail: [UInt8] { Array(bytes.suffix(Self.tailLimit)) }
}

extension Duration {
  /// With two decimals.
  fileprivate var millisecondsText: String { (self * 1000).secondsText }
}
