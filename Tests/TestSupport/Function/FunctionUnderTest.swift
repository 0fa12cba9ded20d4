import Clock
import Foundation
import LocalLambda

/// The real `bootstrap`, started as Lambda starts it, and the Runtime API it polls.
public final class FunctionUnderTest {
  public let runtime: LocalRuntime
  public let process: BootstrapProcess

  /// Kept for as long as the function may use it.
  private let database: AnyObject?

  /// A function with the handler's login to `database`.
  public convenience init(on database: TestDatabase) throws {
    try self.init(environment: ["DATABASE_URL": database.handlerURL], keeping: database)
  }

  /// - Parameters:
  ///   - environment: beside Lambda's own variables; `DATABASE_URL` belongs here.
  ///   - database: whatever holds the database that it uses.
  ///   - stackKilobytes: how large the stack may grow; nil leaves it at the system's 8 MB.
  public init(
    environment: [String: String], keeping database: AnyObject? = nil,
    stackKilobytes: Int? = nil
  ) throws {
    self.database = database
    runtime = try LocalRuntime()
    let program = TestEnvironment.bootstrap.path
    let limit = stackKilobytes.map { ["-c", "ulimit -s \($0) && exec \"$0\"", program] }
    process = try BootstrapProcess(
      executable: limit == nil ? program : "/bin/sh",
      arguments: limit ?? [],
      environment: [
        "AWS_LAMBDA_RUNTIME_API": runtime.endpoint,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
      ].merging(environment) { $1 })
  }

  public func invoke(
    _ event: [UInt8], envelope: EventEnvelope? = nil, fault: RuntimeFault? = nil,
    within timeout: Duration = .seconds(10)
  ) throws -> Answer {
    try runtime.invoke(
      event, envelope: envelope, fault: fault, process: process, until: .after(timeout))
  }

  public func invoke(_ event: TestEvent, within timeout: Duration = .seconds(10)) throws -> Answer {
    try invoke(event.bytes, within: timeout)
  }

  /// Everything the process has logged, one JSON object for each line.
  public func logLines() throws -> [[String: Any]] {
    process.readLog()
    return try Self.objects(in: process.log)
  }

  /// The log line that reports the last invocation; forgets all lines so far.
  ///
  /// For long runs: `lastOutcome` reads the whole log each time.
  public func takeReport() throws -> [String: Any]? {
    try Self.objects(in: process.takeLog()).last { $0["outcome"] != nil }
  }

  private static func objects(in log: [UInt8]) throws -> [[String: Any]] {
    try log.split(separator: UInt8(ascii: "\n")).map { line in
      guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
        throw TestEnvironment.Missing(description: "a log line is no JSON object")
      }
      return object
    }
  }

  /// The log lines that report an invocation.
  public func reports() throws -> [[String: Any]] {
    try logLines().filter { $0["outcome"] != nil }
  }

  /// The outcome of the last invocation, as logged.
  public func lastOutcome() throws -> String? {
    try reports().last?["outcome"] as? String
  }

  public var logText: String {
    process.readLog()
    return String(decoding: process.log, as: UTF8.self)
  }

  /// What the process occupies of the machine's memory, in kB: `VmRSS` of `/proc`.
  public func residentKilobytes() throws -> Int {
    // A file of /proc has no size that could be trusted: read to its end.
    let file = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: "/proc/\(process.processID)/status"))
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    guard let words = line?.split(whereSeparator: \.isWhitespace), words.count == 3,
      let kilobytes = Int(words[1])
    else { throw TestEnvironment.Missing(description: "no VmRSS in /proc") }
    return kilobytes
  }

  /// Where some bytes stand in the memory that the process can write to: of each place the 700 bytes before it.
  public func places(of bytes: [UInt8]) throws -> [Data] {
    let maps = try String(
      decoding: FileHandle(
        forReadingFrom: URL(fileURLWithPath: "/proc/\(process.processID)/maps")
      ).readToEnd() ?? Data(), as: UTF8.self)
    let memory = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: "/proc/\(process.processID)/mem"))
    var places: [Data] = []
    for line in maps.split(separator: "\n") {
      let words = line.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard ends.count == 2, words[1].hasPrefix("rw") else { continue }
      try memory.seek(toOffset: ends[0])
      let region = try memory.read(upToCount: Int(ends[1] - ends[0])) ?? Data()
      var rest = region[...]
      while let found = rest.range(of: Data(bytes)) {
        places.append(region[max(region.startIndex, found.lowerBound - 700)..<found.lowerBound])
        rest = rest[found.upperBound...]
      }
    }
    return places
  }

  /// How many files and sockets the process holds open.
  public func descriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processID)/fd").count
  }
}
