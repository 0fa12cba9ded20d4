import Clock

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
    var metadata = JSONLine()
    metadata.append(key: "Timestamp", raw: "\(time.microsecondsSinceEpoch / 1000)")
    metadata.append(key: "CloudWatchMetrics", objects: directives.map(definition))
    var line = JSONLine()
    line.append(key: "_aws", object: metadata)
    for (name, value) in texts { line.append(key: name, string: value) }
    var written: Set<String> = []
    for metric in directives.flatMap(\.metrics) where written.insert(metric.name).inserted {
      line.append(key: metric.name, raw: metric.value.jsonText)
    }
    return line.finished() + [UInt8(ascii: "\n")]
  }

  private func definition(of directive: Directive) -> JSONLine {
    var object = JSONLine()
    object.append(key: "Namespace", string: namespace)
    object.append(key: "Dimensions", lists: directive.dimensionSets)
    object.append(
      key: "Metrics",
      objects: directive.metrics.map { metric in
        var definition = JSONLine()
        definition.append(key: "Name", string: metric.name)
        definition.append(key: "Unit", string: metric.unit.rawValue)
        return definition
      })
    return object
  }
}

extension Double {
  /// To the thousandth; JSON has neither infinities nor NaN.
  fileprivate var jsonText: String {
    guard isFinite else { return "0" }
    let rounded = (self * 1000).rounded() / 1000
    return Int(exactly: rounded)?.description ?? rounded.description
  }
}
