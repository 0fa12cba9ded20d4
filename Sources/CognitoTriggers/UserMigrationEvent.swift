import JSON

/// What a user migration event has beyond the others: the password that somebody typed, and a place for the answer.
///
/// The password is read into a buffer of the caller's, and is in no string and in no description.
///
/// - Source: Amazon Cognito Developer Guide, "Migrate user Lambda trigger" (`user-pool-lambda-migrate-user`).
public struct UserMigrationEvent: Sendable {
  private let event: [UInt8]
  private let password: Range<Int>?
  private let response: JSONPlace

  /// - Parameter event: the event's JSON in UTF-8.
  public init(_ event: [UInt8]) throws(UserMigrationEventError) {
    do {
      let reader = try JSONReader(event, allowsByteOrderMark: true)
      response = try JSONPlace(of: ["response"], in: reader)
      if case .present(let range) = try JSONPlace(of: ["request", "password"], in: reader) {
        password = range
      } else {
        password = nil
      }
    } catch {
      throw .malformed
    }
    self.event = event
  }

  /// How many bytes the password has at most, in UTF-8; nil where there is none, as after "forgot password".
  public var passwordCapacity: Int? { password?.count }

  /// Reads the password.
  ///
  /// - Parameter buffer: of `passwordCapacity` bytes; the caller wipes it.
  /// - Returns: how many bytes the password has; 0 where there is none, it is no string, or it holds a NUL character or
  ///   half a surrogate pair: no password that somebody chose has these.
  public func readPassword(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    guard let password else { return 0 }
    return (try? JSONReader.string(at: password, of: event, into: buffer)) ?? 0
  }

  /// The event with a user in its response, everything else as it came, byte for byte.
  ///
  /// - Parameter user: who is to be made.
  /// - Throws: where there is no place for it.
  public func answer(with user: MigratedUser) throws(UserMigrationEventError) -> [UInt8] {
    var answer = Array("null".utf8)
    if case .present(let range) = response { answer = Array(event[range]) }
    for (key, value) in user.members {
      let place: JSONPlace
      do {
        place = try JSONPlace(of: [key], in: try JSONReader(answer))
      } catch {
        throw .malformed
      }
      guard let next = place.text(answer, with: Array(value.utf8)) else { throw .malformed }
      answer = next
    }
    // At once, for the event holds the password: no copy of it is left behind.
    guard let answered = response.text(event, with: answer) else { throw .malformed }
    return answered
  }
}

/// Why a user migration event cannot be answered; it quotes nothing.
public enum UserMigrationEventError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Its `response` is neither an object nor null.
  case malformed

  public var description: String {
    "the migration event does not have the form that Cognito documents: something else than Cognito called"
  }
}

/// A user whom Cognito is to make.
public struct MigratedUser: Sendable, Equatable {
  /// By their names, sorted.
  private let attributes: [(name: JSONKey, value: String)]
  /// The names of what was given and left out, sorted. What is null or an empty text was not given.
  public let leftOut: [String]
  /// Whether the password that was typed becomes the user's: not where it was forgotten.
  private let keepsPassword: Bool

  /// - Parameters:
  ///   - attributes: the text of a JSON object. Strings, numbers and booleans become the user's attributes. Left out is
  ///     what would have Cognito refuse the whole user: other values and names, `sub`, `identities` and `cognito:…` among
  ///     them, which are its own; an address or a number of another form than it takes, and what says that one is
  ///     verified which is not there.
  ///   - userName: the name in Cognito, where it is not what was typed.
  ///   - keepsPassword: whether the user is confirmed with the password of the event.
  /// - Returns: nil where `attributes` is no object, or has nothing that can be taken.
  public init?(attributes: String, userName: String?, keepsPassword: Bool) {
    guard let object = (try? JSONValue(parsing: Array(attributes.utf8)))?.object else { return nil }
    var taken: [JSONKey: String] = [:]
    var leftOut: [String] = []
    for (name, value) in object where value != .null && value != .string("") {
      if let text = value.attributeText, Self.isTaken(name),
        AttributeForm.isTaken(text, as: name.text)
      {
        taken[name] = text
      } else {
        leftOut.append(name.text)
      }
    }
    // Nothing is lost with these: where there was an address, it is told as left out.
    for contact in ContactAttribute.allCases where taken[JSONKey(contact.rawValue)] == nil {
      taken[JSONKey(contact.flag)] = nil
    }
    guard !taken.isEmpty else { return nil }
    if let userName { taken["username"] = userName }
    self.attributes = taken.map { (name: $0.key, value: $0.value) }
      .sorted { $0.name.text < $1.name.text }
    self.leftOut = leftOut.sorted()
    self.keepsPassword = keepsPassword
  }

  /// Whether a code can be sent: somebody who forgot the password needs an address that is known to be theirs.
  public var hasVerifiedAddress: Bool {
    ContactAttribute.allCases.contains {
      text(of: JSONKey($0.flag)) == "true" && text(of: JSONKey($0.rawValue)) != nil
    }
  }

  /// The members of `response`, each with its JSON.
  ///
  /// Without `SUPPRESS` Cognito welcomes who has been here for years. An alias that somebody else has is never taken
  /// from them.
  fileprivate var members: [(JSONKey, String)] {
    var json = JSONWriter()
    json.object { json in
      for attribute in attributes { json.member(attribute.name.text, attribute.value) }
    }
    var members: [(JSONKey, String)] = [
      ("userAttributes", String(decoding: json.finished(), as: UTF8.self)),
      ("messageAction", #""SUPPRESS""#), ("forceAliasCreation", "false"),
    ]
    if keepsPassword { members.append(("finalUserStatus", #""CONFIRMED""#)) }
    return members
  }

  private func text(of name: JSONKey) -> String? {
    attributes.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  private static func isTaken(_ name: JSONKey) -> Bool {
    standard.contains(name) || name.text.hasPrefix("custom:") || name.text.hasPrefix("dev:custom:")
  }

  /// Source: Amazon Cognito Developer Guide, "Working with user attributes".
  private static let standard: Set<JSONKey> = [
    "address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name",
    "locale", "middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture",
    "preferred_username", "profile", "updated_at", "website", "zoneinfo",
  ]

  public static func == (one: MigratedUser, other: MigratedUser) -> Bool {
    one.keepsPassword == other.keepsPassword && one.leftOut == other.leftOut
      && one.attributes.elementsEqual(other.attributes, by: ==)
  }
}

extension JSONValue {
  /// As Cognito's attributes are, which are all texts.
  fileprivate var attributeText: String? {
    switch self {
    case .string(let string): string
    case .number(let number): number.text
    case .boolean(let boolean): boolean ? "true" : "false"
    default: nil
    }
  }
}
