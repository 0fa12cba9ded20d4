import JSON

/// What is read of a Cognito user pool trigger event.
///
/// Only what is used is decoded: AWS adds and moves fields, and some events hold passwords and codes
/// that have no business in this process's strings. The event is answered with its own bytes, so
/// nothing is ever encoded again.
public struct TriggerEvent: Sendable, Equatable {
  /// The full name as it came, known or not.
  public var sourceName: String
  /// Where the trigger was fired: in a replica's region another one than the pool's id names.
  public var region: String?
  /// As `eu-central-1_a1B2c3D4e`; nil when absent or of another type.
  public var userPoolID: String?
  /// Cognito's own name for the user; nil when absent or of another type.
  public var userName: String?
  /// The app client of the call behind the event; nil where there is none, as for an administrator's.
  public var clientID: String?
  /// Empty where the event has none.
  public var attributes: UserAttributes

  /// Nil for a source that Cognito did not have when this was written.
  public var source: TriggerSource? { TriggerSource(rawValue: sourceName) }

  /// - Parameters: as the properties of the same names.
  public init(
    sourceName: String, region: String? = nil, userPoolID: String?, userName: String?,
    clientID: String? = nil, attributes: UserAttributes
  ) {
    self.sourceName = sourceName
    self.region = region
    self.userPoolID = userPoolID
    self.userName = userName
    self.clientID = clientID
    self.attributes = attributes
  }

  /// - Parameter bytes: the event's JSON in UTF-8.
  /// - Throws: when it is no JSON object in valid UTF-8, is nested without end, or has no
  ///   `triggerSource`.
  public init(_ bytes: [UInt8]) throws(TriggerEventError) {
    let wire: WireEvent
    do {
      wire = try WireEvent(bytes)
    } catch {
      switch error {
      case .notUTF8: throw .notUTF8
      case .malformed: throw .notAnObject
      case .tooDeep: throw .tooDeep
      }
    }
    guard let sourceName = wire.triggerSource else { throw .noTriggerSource }
    self.init(
      sourceName: sourceName,
      region: wire.region,
      userPoolID: wire.userPoolID,
      userName: wire.userName,
      clientID: wire.clientID,
      attributes: UserAttributes(wire.userAttributes))
  }
}

/// Why some bytes are no trigger event; none quotes them.
public enum TriggerEventError: Error, Sendable, Equatable, CaseIterable, CustomStringConvertible {
  /// The bytes are not valid UTF-8.
  case notUTF8
  /// The bytes are no JSON, or JSON that is not an object.
  case notAnObject
  /// Nested more than `JSONReader.depthLimit` levels deep.
  case tooDeep
  /// There is no `triggerSource`, or it is not a string.
  case noTriggerSource

  public var description: String {
    switch self {
    case .notUTF8: "the event is not valid UTF-8: it does not come from Cognito"
    case .notAnObject: "the event is not a JSON object: it does not come from Cognito"
    case .tooDeep:
      "the event is nested more than \(JSONReader.depthLimit) levels deep, as none of Cognito's is"
    case .noTriggerSource:
      "the event has no triggerSource: it does not come from a Cognito user pool"
    }
  }
}

/// The members that are used, each read as absent when it has another type than documented.
private struct WireEvent {
  var triggerSource: String?
  var region: String?
  var userPoolID: String?
  var userName: String?
  var clientID: String?
  var userAttributes: [JSONKey: JSONValue] = [:]

  init(_ bytes: [UInt8]) throws(JSONError) {
    var reader = try JSONReader(bytes, allowsByteOrderMark: true)
    try reader.members { (reader, key) throws(JSONError) in
      switch key {
      case "triggerSource": triggerSource = try reader.value().string
      case "region": region = try reader.value().string
      case "userPoolId": userPoolID = try reader.value().string
      case "userName": userName = try reader.value().string
      case "callerContext": clientID = try Self.clientID(of: &reader)
      case "request": userAttributes = try Self.userAttributes(of: &reader)
      default: _ = try reader.value(isWanted: false)
      }
    }
    try reader.end()
  }

  /// What Cognito writes where no client made the call is no client's id.
  private static func clientID(of reader: inout JSONReader) throws(JSONError) -> String? {
    guard try reader.isAtObject() else {
      _ = try reader.value(isWanted: false)
      return nil
    }
    var id: String?
    try reader.members { (reader, key) throws(JSONError) in
      let value = try reader.value(isWanted: key == "clientId")
      if key == "clientId" { id = value.string }
    }
    return id == "CLIENT_ID_NOT_APPLICABLE" ? nil : id
  }

  private static func userAttributes(
    of reader: inout JSONReader
  ) throws(JSONError) -> [JSONKey: JSONValue] {
    guard try reader.isAtObject() else {
      _ = try reader.value(isWanted: false)
      return [:]
    }
    var attributes: [JSONKey: JSONValue] = [:]
    try reader.members { (reader, key) throws(JSONError) in
      guard key == "userAttributes" else {
        _ = try reader.value(isWanted: false)
        return
      }
      attributes = try reader.value().object ?? [:]
    }
    return attributes
  }
}
