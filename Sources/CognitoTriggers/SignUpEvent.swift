import JSON

/// What a pre sign-up event has beyond the others: what the client sent along, and a place for the answer.
///
/// - Source: Amazon Cognito Developer Guide, "Pre sign-up Lambda trigger" (`user-pool-lambda-pre-sign-up`).
public struct SignUpEvent: Sendable {
  private let event: [UInt8]

  /// `request.validationData`, a JSON text; nil where it is null or missing. So below. Whoever signs up chooses what is
  /// in it.
  public let validationData: String?
  /// `request.clientMetadata`.
  public let clientMetadata: String?

  /// - Parameter event: the event's JSON in UTF-8.
  public init(_ event: [UInt8]) {
    self.event = event
    validationData = Self.value(at: ["request", "validationData"], in: event)
    clientMetadata = Self.value(at: ["request", "clientMetadata"], in: event)
  }

  /// The event with `response.autoConfirmUser` true, everything else as it came, byte for byte.
  public func confirmed() throws(SignUpEventError) -> [UInt8] {
    do {
      let reader = try JSONReader(event, allowsByteOrderMark: true)
      let place = try JSONPlace(of: ["response", "autoConfirmUser"], in: reader)
      if let answer = place.text(event, with: Array("true".utf8)) { return answer }
    } catch {
      throw .malformed
    }
    throw .malformed
  }

  /// Decoded, and so without what PostgreSQL cannot store.
  private static func value(at path: [JSONKey], in event: [UInt8]) -> String? {
    guard let reader = try? JSONReader(event, allowsByteOrderMark: true),
      case .present(let range)? = try? JSONPlace(of: path, in: reader),
      let value = try? JSONValue(parsing: Array(event[range])), value != .null
    else { return nil }
    return value.jsonText
  }
}

/// Why a pre sign-up event cannot be answered; it quotes nothing.
public enum SignUpEventError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Its `response` is neither an object nor null.
  case malformed

  public var description: String {
    "the sign-up event does not have the form that Cognito documents: something else than Cognito called"
  }
}
