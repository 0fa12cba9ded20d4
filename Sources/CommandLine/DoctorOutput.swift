import Doctor
import Glibc
import JSON

/// What `pooltable doctor` prints: a line for each finding, below it what to do, and at the end how many there are; or
/// one object.
final class DoctorOutput {
  private(set) var diagnosis = Diagnosis([])
  private let asJSON: Bool

  init(asJSON: Bool) {
    self.asJSON = asJSON
  }

  func show(_ finding: Finding) {
    diagnosis.findings.append(finding)
    guard !asJSON else { return }
    for line in finding.lines { StandardOutput.print(line) }
    fflush(nil)
  }

  func finish() {
    if asJSON {
      print(diagnosis.jsonText)
    } else {
      StandardOutput.print("")
      StandardOutput.print(diagnosis.summary)
    }
  }
}

extension Finding {
  private static let width = CheckName.allCases.map(\.rawValue.count).max() ?? 0

  /// One, and one more where there is a remedy.
  var lines: [String] {
    let name = check.rawValue
    let column = name + String(repeating: " ", count: Self.width - name.count)
    let margin = String(repeating: " ", count: Self.width + 4)
    return ["\(verdict.mark) \(column)  \(text)"]
      + [remedy].compactMap(\.self).map { margin + "→ \($0)" }
  }
}

extension Finding.Verdict {
  fileprivate var mark: String {
    switch self {
    case .ok: "✓"
    case .warning: "!"
    case .failed: "✗"
    case .skipped: "-"
    }
  }
}

extension Diagnosis {
  /// As `12 ok, 1 warning, 0 failed, 2 skipped`.
  var summary: String {
    "\(count(.ok)) ok, \(count(.warning).counted("warning")), \(count(.failed)) failed, \(count(.skipped)) skipped"
  }
}
