import Clock
import JSON

/// Metrics in a log line, from which CloudWatch extracts them: the embedded metric format.
///
/// It takes no API call: on Lambda a line on standard error is enough. A line holds one value of each metric,
/// which counts for each set of dimensions.
///
/// - Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
public struct EmbeddedMetrics: Sendable {
  /// The units of CloudWatch's that are used here.
  public enum Unit: String, Sendable {
    case count = "Count"
    case milliseconds = "Milliseconds"
  }

  /// Some metrics, and the dimensions that they are recorded under.
  public struct Directive: Sendable {
    fileprivate var metrics: [(name: String, unit: Unit, value: Double)] = []
    /// CloudWatch keeps every metric once for each set, and charges for each.
    fileprivate let dimensionSets: [[String]]

    /// - Parameter dimensionSets: names of dimensions, each of them among the line's `texts`.
    public init(dimensionSets: [[String]]) {
      self.dimensionSets = dimensionSets
    }

    /// Adds a metric.
    ///
    /// - Parameters:
    ///   - name: as CloudWatch shows it.
    ///   - value: in `unit`; rounded to the thousandth.
    ///   - unit: as CloudWatch shows it.
    public mutating func append(_ name: String, _ value: Double, _ unit: Unit) {
      metrics.append((name, unit, value))
    }
  }

  /// CloudWatch's namespace for all the metrics of the line.
  public let namespace: String
  /// Texts beside the metrics: every dimension must be among them, others are for searching only.
  public var texts: [(name: String, value: String)] = []
  /// The metrics, grouped by the dimensions they are given for.
  public var directives: [Directive] = []

  /// - Parameter namespace: CloudWatch's, as `PoolTable`.
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
