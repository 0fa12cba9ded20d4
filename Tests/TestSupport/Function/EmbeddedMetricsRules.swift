import Foundation

/// The rules of CloudWatch's embedded metric format, as its specification and its JSON schema give them.
///
/// - Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
public enum EmbeddedMetricsRules {
  private static let units: Set<String> = [
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes",
    "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count",
    "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second",
    "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second",
    "Count/Second", "None",
  ]

  /// - Returns: what is wrong with a line; nothing when CloudWatch takes every metric in it.
  public static func violations(in line: [UInt8]) -> [String] {
    guard line.count <= 256 << 10 else { return ["a log event ends at 256 KB"] }
    guard line.last == UInt8(ascii: "\n"), !line.dropLast().contains(UInt8(ascii: "\n")) else {
      return ["not one line"]
    }
    guard let root = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else {
      return ["not a JSON object"]
    }
    guard let metadata = root["_aws"] as? [String: Any] else { return ["no _aws"] }
    var violations: [String] = []
    if Set(metadata.keys) != ["Timestamp", "CloudWatchMetrics"] {
      violations.append("members of _aws")
    }
    // CloudWatch refuses what is older than two weeks or more than two hours ahead; ours is of now.
    let now = Date().timeIntervalSince1970 * 1000
    let time = metadata["Timestamp"] as? Int
    if time.map({ abs(Double($0) - now) < 600_000 }) != true { violations.append("Timestamp") }
    guard let directives = metadata["CloudWatchMetrics"] as? [[String: Any]], !directives.isEmpty
    else {
      return violations + ["CloudWatchMetrics"]
    }
    return violations + directives.flatMap { self.violations(in: $0, of: root) }
  }

  private static func violations(in directive: [String: Any], of root: [String: Any]) -> [String] {
    var violations: [String] = []
    if Set(directive.keys) != ["Namespace", "Dimensions", "Metrics"] {
      violations.append("members of a directive")
    }
    if !isName(directive["Namespace"]) { violations.append("Namespace") }
    guard let sets = directive["Dimensions"] as? [[String]], !sets.isEmpty,
      let metrics = directive["Metrics"] as? [[String: Any]], !metrics.isEmpty
    else { return violations + ["Dimensions or Metrics"] }
    if metrics.count > 100 { violations.append("more than 100 metrics") }
    for set in sets {
      // 30 by today's specification, 9 by the schema.
      if set.count > 9 || Set(set).count != set.count { violations.append("dimension set \(set)") }
      for dimension in set {
        let value = root[dimension] as? String
        if !isName(dimension) || value?.isEmpty != false || (value?.utf8.count ?? 0) > 1024 {
          violations.append("dimension \(dimension)")
        }
      }
    }
    for metric in metrics {
      let name = metric["Name"] as? String ?? ""
      if !Set(metric.keys).isSubset(of: ["Name", "Unit", "StorageResolution"]) || !isName(name) {
        violations.append("metric \(metric)")
      }
      if !units.contains(metric["Unit"] as? String ?? "None") {
        violations.append("unit of \(name)")
      }
      let value = root[name] as? NSNumber
      if value?.doubleValue.isFinite != true { violations.append("value of \(name)") }
    }
    return violations
  }

  private static func isName(_ value: Any?) -> Bool {
    guard let name = value as? String else { return false }
    return (1...255).contains(name.count)
  }
}
