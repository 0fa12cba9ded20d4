import FoundationEssentials
import TriggerFunction

/// What `bootstrap` says of one invocation in its log.
struct InvocationLine: Decodable {
  var requestId: String?
  var level: String?
  var message: String?
  var outcome: String?
  var triggerSource: String?
  var problem: String?
  var writeBack: String?
  /// Whether the line is one of metrics (`METRICS=emf`), which says nothing new.
  var isMetrics: Bool

  enum CodingKeys: String, CodingKey {
    case requestId, level, message, outcome, triggerSource, problem, writeBack
    case metadata = "_aws"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    requestId = try container.decodeIfPresent(String.self, forKey: .requestId)
    level = try container.decodeIfPresent(String.self, forKey: .level)
    message = try container.decodeIfPresent(String.self, forKey: .message)
    outcome = try container.decodeIfPresent(String.self, forKey: .outcome)
    triggerSource = try container.decodeIfPresent(String.self, forKey: .triggerSource)
    problem = try container.decodeIfPresent(String.self, forKey: .problem)
    writeBack = try container.decodeIfPresent(String.self, forKey: .writeBack)
    isMetrics = container.contains(.metadata)
  }
}

/// Reads the JSON log of a `bootstrap` process as it grows.
struct BootstrapLog {
  private var consumed = 0
  private var reports: [String: InvocationLine] = [:]

  /// Takes what is new in `log`. - Returns: the lines that somebody should see: warnings and worse.
  mutating func take(_ log: [UInt8]) -> [String] {
    var notable: [String] = []
    while let end = log[consumed...].firstIndex(of: UInt8(ascii: "\n")) {
      let bytes = log[consumed..<end]
      consumed = end + 1
      guard let line = try? JSONDecoder().decode(InvocationLine.self, from: Data(bytes)) else {
        // Not the log's form: the dynamic loader, a crash.
        notable.append(String(decoding: bytes, as: UTF8.self))
        continue
      }
      if line.isMetrics { continue }
      if line.outcome != nil, let id = line.requestId { reports[id] = line }
      if ["WARN", "ERROR", "FATAL"].contains(line.level) {
        let details = [line.message, line.triggerSource, line.problem].compactMap(\.self)
        notable.append(details.joined(separator: ": "))
      }
    }
    return notable
  }

  mutating func report(requestID: String) -> InvocationLine? {
    reports.removeValue(forKey: requestID)
  }
}
