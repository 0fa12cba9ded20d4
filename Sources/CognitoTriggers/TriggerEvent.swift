import FoundationEssentials

/// What PoolTable reads of a Cognito user pool trigger event.
///
/// Only what is used is decoded: AWS adds and moves fields, and some events hold passwords and codes
/// that have no business in this process's strings. The event is answered with its own bytes, so
/// nothing is ever encoded again.
public struct TriggerEvent: Sendable, Equatable {
  /// The full name as it came, known or not.
  public var sourceName: String
  public var userPoolID: String?
  public var userName: String?
  public var attributes: UserAttributes

  /// Nil for a source that Cognito did not have when this was written.
  public var source: TriggerSource? { TriggerSource(rawValue: sourceName) }

  public init(
    sourceName: String, userPoolID: String?, userName: String?, attributes: UserAttributes
  ) {
    self.sourceName = sourceName
    self.userPoolID = userPoolID
    self.userName = userName
    self.attributes = attributes
  }

  /// - Parameter bytes: the event's JSON in UTF-8.
  /// - Throws: when it is no JSON object in valid UTF-8, or has no `triggerSource`.
  public init(_ bytes: [UInt8]) throws(TriggerEventError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
    do {
      let wire = try JSONDecoder().decode(WireEvent.self, from: Data(bytes))
      guard let sourceName = wire.triggerSource else { throw TriggerEventError.noTriggerSource }
      self.init(
        sourceName: sourceName,
        userPoolID: wire.userPoolId?.withoutNUL,
        userName: wire.userName?.withoutNUL,
        attributes: UserAttributes(wire.request?.userAttributes ?? [:]))
    } catch let error as TriggerEventError {
      throw error
    } catch {
      throw .notAnObject
    }
  }
}

/// Why some bytes are no trigger event; none quotes them.
public enum TriggerEventError: Error, Sendable, Equatable, CustomStringConvertible {
  case notUTF8
  case notAnObject
  case noTriggerSource

  public var description: String {
    switch self {
    case .notUTF8: "the event is not valid UTF-8"
    case .notAnObject: "the event is not a JSON object"
    case .noTriggerSource:
      "the event has no triggerSource: it does not come from a Cognito user pool"
    }
  }
}

/// The event's JSON, each member read as absent when it has another type than documented.
private struct WireEvent: Decodable {
  struct Request: Decodable {
    var userAttributes: [String: JSONValue]?

    enum CodingKeys: CodingKey { case userAttributes }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      userAttributes = try? container.decodeIfPresent(
        [String: JSONValue].self, forKey: .userAttributes)
    }
  }

  var triggerSource: String?
  var userPoolId: String?
  var userName: String?
  var request: Request?

  enum CodingKeys: CodingKey { case triggerSource, userPoolId, userName, request }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    triggerSource = try? container.decodeIfPresent(String.self, forKey: .triggerSource)
    userPoolId = try? container.decodeIfPresent(String.self, forKey: .userPoolId)
    userName = try? container.decodeIfPresent(String.self, forKey: .userName)
    request = try? container.decodeIfPresent(Request.self, forKey: .request)
  }
}
