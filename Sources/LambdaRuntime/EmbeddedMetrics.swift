import Clock
import JSON

/// Metrics in a log line, which CloudWatch takes out of it by itself: the embedded metric format.
///
/// No call of an API, and no time: on Lambda a line on standard error is enough. A line holds one
/// value of each metric, given for each set of dimensions.
///
/// - Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
public struct EmbeddedMetrics: Sendable {
  /// Of CloudWatch's units those that are used.
  public enum Unit: String, Sendable {
    case count = "Count"
    case milliseconds = "Milliseconds"
  }

  /// Some metrics, and by what they are told apart.
  public struct Directive: Sendable {
    fileprivate var metrics: [(name: String, unit: Unit, value: Double)] = []
    /// Each set makes every metric once more in CloudWatch, and costs as much again.
    fileprivate let dimensionSets: [[String]]

    public init(dimensionSets: [[String]]) {
      self.dimensionSets = dimensionSets
    }

    public mutating func append(_ name: String, _ value: Double, _ unit: Unit) {
      metrics.append((name, unit, value))
    }
  }

  public let namespace: String
  /// Texts beside the metrics: every dimension must be among them, others are for searching only.
  public var texts: [(name: String, value: String)] = []
  public var directives: [Directive] = []

  public init(namespace: String) {
    self.namespace = namespace
  }

  /// One line with its line end.
  public func line(at time: Timestamp) -> [UInt8] {
    var json = JSONWriter(capacity: LambdaLog.usualLength)
    json.object { json in
      json.key("_aws")
      json.object { json in
        json.member("Timestamp", Int(time.microsecondsSinceEpoch / 1000))
        json.key("CloudWatchMetrics")
        json.array { json in
          for directive in directives { write(directive, to: &json) }
        }
      }
      for (name, value) in texts { json.member(name, value) }
      var written: Set<String> = []
      for metric in directives.flatMap(\.metrics) where written.insert(metric.name).inserted {
        json.member(metric.name, JSONNumber(toThousandth: metric.value))
      }
    }
    return json.finished() + [UInt8(ascii: "\n")]
  }

  private func write(_ directive: Directive, to json: inout JSONWriter) {
    json.object { json in
      json.member("Namespace", namespace)
      json.member("Dimensions", directive.dimensionSets)
      json.key("Metrics")
      json.array { json in
        for metric in directive.metrics {
          json.object { json in
            json.member("Name", metric.name)
            json.member("Unit", metric.unit.rawValue)
          }
        }
      }
    }
  }
}
