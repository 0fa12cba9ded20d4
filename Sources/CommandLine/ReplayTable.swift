import Clock
import CognitoTriggers
import JSON
import TriggerFunction

/// Prints rows as they come, aligned or as JSON lines, and counts them.
struct ReplayTable {
  private let asJSON: Bool
  private let fileWidth: Int
  private let showsWriteBack: Bool
  private var counts: [Outcome: Int] = [:]
  private var rowCount = 0
  private var unexpectedCount = 0

  init(inputs: [EventInput], asJSON: Bool, showsWriteBack: Bool) {
    self.showsWriteBack = showsWriteBack
    self.asJSON = asJSON
    fileWidth = inputs.map(\.nameWidth).max() ?? 0
  }

  var hasFailures: Bool { unexpectedCount > 0 }

  mutating func add(_ row: ReplayRow) {
    // Only now: a run that could not start has no table.
    if rowCount == 0, !asJSON {
      printColumns("FILE", "TRIGGER SOURCE", "OUTCOME", "IDENTICAL", "MS", "WRITE BACK")
    }
    rowCount += 1
    counts[row.outcome, default: 0] += 1
    if !row.isAsExpected { unexpectedCount += 1 }
    let milliseconds = row.milliseconds.withTwoDecimals
    if asJSON {
      Swift.print(row.jsonText)
    } else {
      let identical = row.isIdentical ? "yes" : row.isAsExpected ? "no" : "NO"
      printColumns(
        row.file, row.triggerSource, row.outcome.rawValue, identical, milliseconds,
        row.writeBack ?? "-")
      if let response = row.response { StandardOutput.print("  response \(response.jsonText)") }
    }
  }

  func end() {
    guard !asJSON, rowCount > 0 else { return }
    let outcomes = Outcome.allCases
      .compactMap { outcome in counts[outcome].map { "\($0) \(outcome.rawValue)" } }
      .joined(separator: ", ")
    let verdict =
      unexpectedCount == 0
      ? "every answer as it should be" : "\(unexpectedCount) NOT as they should be"
    Swift.print("\n\(rowCount.counted("event")): \(outcomes); \(verdict)")
  }

  private func printColumns(
    _ file: String, _ source: String, _ outcome: String, _ identical: String, _ time: String,
    _ writeBack: String
  ) {
    var columns = [
      file.padded(to: fileWidth), source.padded(to: TriggerSource.nameWidth),
      outcome.padded(to: 10),
      identical.padded(to: 9), time.paddedLeft(to: 8),
    ]
    if showsWriteBack { columns.append(writeBack) }
    StandardOutput.print(columns.joined(separator: "  "))
  }
}

extension ReplayRow: JSONWritable {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("expected", isAsExpected)
      json.member("file", file)
      json.member("identical", isIdentical)
      json.member("milliseconds", JSONNumber(toThousandth: milliseconds))
      json.member("outcome", outcome.rawValue)
      json.member("response", response)
      json.member("triggerSource", triggerSource == "-" ? nil : triggerSource)
      json.member("writeBack", writeBack)
    }
  }
}

extension TriggerSource {
  /// Of a column in which each has room.
  static let nameWidth = allCases.map(\.rawValue.count).max() ?? 0
}
