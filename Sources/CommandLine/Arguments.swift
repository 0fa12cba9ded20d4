import ArgumentParser
import CognitoAPI

/// A duration on the command line, as `500ms`, `30s`, `5min`, `1h` or `30d`; a bare number is seconds.
struct DurationArgument: ExpressibleByArgument, Equatable {
  let duration: Duration

  init(_ duration: Duration) {
    self.duration = duration
  }

  init?(argument: String) {
    let digits = argument.prefix { ("0"..."9").contains($0) }
    // What nobody waits for; it keeps the product below from overflowing.
    guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
    switch argument.dropFirst(digits.count) {
    case "ms": duration = .milliseconds(number)
    case "", "s": duration = .seconds(number)
    case "m", "min": duration = .seconds(number * 60)
    case "h": duration = .seconds(number * 3600)
    case "d": duration = .seconds(number * 86_400)
    default: return nil
    }
  }

  /// For the help's default.
  var defaultValueDescription: String {
    let seconds = duration.components.seconds
    return seconds % 60 == 0 && seconds > 0 ? "\(seconds / 60)min" : "\(seconds)s"
  }
}

extension ValidationError {
  static let userPoolID = ValidationError(
    "--user-pool-id must be a user pool's id, as eu-central-1_a1B2c3D4e.")
  static let region = ValidationError("--region must be an AWS region, as eu-central-1.")
}

extension CustomAttribute: ExpressibleByArgument {
  /// Nil where `argument` is no custom attribute's full name.
  public init?(argument: String) {
    self.init(argument)
  }
}
