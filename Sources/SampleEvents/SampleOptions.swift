import CognitoTriggers
import JSON

/// What an event is to be made of; what is left out is made up.
public struct SampleOptions: Sendable {
  /// A name and its text, as an attribute.
  public typealias Member = (name: String, value: String)

  /// Which version of the pre token generation event a pool sends.
  public enum TokenVersion: String, Sendable, CaseIterable {
    case one = "1"
    case two = "2"
    case three = "3"
  }

  public var userPoolID: UserPoolID?
  /// Where the event is from: in a replica another one than the pool's own.
  public var region: String?
  public var clientID: String?
  public var userName: String?
  public var sub: Sub?
  /// Beside those that a user has anyway, or in their place; of several with one name the last counts.
  public var attributes: [Member] = []
  /// An identity provider's name in the pool.
  public var provider: String?
  public var clientMetadata: [Member] = []
  public var validationData: [Member] = []
  public var tokenVersion: TokenVersion?
  public var groups: [String] = []
  public var scopes: [String] = []
  public var field: SampleField?
  /// Of the field. Values are JSON.
  public var arguments: [(name: String, value: JSONValue)] = []
  /// Of the object that the field is of.
  public var source: [(name: String, value: JSONValue)] = []
  /// Beside those that a token has anyway, or in their place.
  public var claims: [(name: String, value: JSONValue)] = []
  /// How many requests are in one event; nil: the event is a request.
  public var batchSize: Int?

  public init() {}

  /// Which of them are given.
  var given: Set<SampleOption> {
    let rows: [(SampleOption, Bool)] = [
      (.userPoolID, userPoolID != nil), (.region, region != nil), (.clientID, clientID != nil),
      (.userName, userName != nil), (.sub, sub != nil), (.attribute, !attributes.isEmpty),
      (.provider, provider != nil), (.clientMetadata, !clientMetadata.isEmpty),
      (.validationData, !validationData.isEmpty), (.tokenVersion, tokenVersion != nil),
      (.group, !groups.isEmpty), (.scope, !scopes.isEmpty), (.field, field != nil),
      (.argument, !arguments.isEmpty), (.source, !source.isEmpty), (.claim, !claims.isEmpty),
      (.batch, batchSize != nil),
    ]
    return Set(rows.filter(\.1).map(\.0))
  }
}

/// A field of a GraphQL API.
public struct SampleField: Sendable, Equatable {
  public var parentType, name: String

  /// - Parameter text: as `Query.me`.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
    (parentType, name) = (String(parts[0]), String(parts[1]))
  }

  init(_ parentType: String, _ name: String) {
    (self.parentType, self.name) = (parentType, name)
  }
}

/// An option's name.
public enum SampleOption: String, Sendable, CaseIterable {
  case userPoolID = "user-pool-id"
  case region
  case clientID = "client-id"
  case userName = "username"
  case sub
  case attribute
  case provider
  case clientMetadata = "client-metadata"
  case validationData = "validation-data"
  case tokenVersion = "token-version"
  case group
  case scope
  case field
  case argument
  case source
  case claim
  case batch
  /// How many events, each with another user.
  case count
}

/// Why there is no such event.
public enum SampleError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The event has no place for it.
  case unusable(SampleOption, SampleSource)
  /// Only version 3 is sent for client credentials.
  case versionOfClientCredentials
  /// Version 1 of the token event has no scopes.
  case scopesInVersionOne
  /// AppSync would not take it for a name.
  case notAField(SampleField)

  public var description: String {
    switch self {
    case .unusable(let option, let source):
      "an event of \(source.name) has no place for --\(option.rawValue); it takes "
        + source.usableOptions.list
    case .versionOfClientCredentials:
      "TokenGeneration_ClientCredentials is sent in version 3 only: leave --token-version out"
    case .scopesInVersionOne:
      "version 1 of the token event has no scopes: give --token-version 2, or 3"
    case .notAField(let field):
      "--field \(field.parentType).\(field.name): GraphQL's names are letters, digits and _, as in Query.me"
    }
  }
}

extension Set<SampleOption> {
  /// In the order in which they are declared.
  fileprivate var list: String {
    let names = SampleOption.allCases.filter(contains).map { "--\($0.rawValue)" }
    return names.isEmpty ? "no option" : names.joined(separator: ", ")
  }
}
