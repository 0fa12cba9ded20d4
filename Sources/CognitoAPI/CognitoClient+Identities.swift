import Clock
import JSON

extension CognitoClient {
  /// Everybody who is listed with an address, in any spelling that Cognito takes for the same (`ListUsers`): whether it
  /// is the same is for the caller to see. A listing may lag behind.
  ///
  /// - Parameter deadline: for all pages together.
  /// - Throws: `malformedAnswer` also where somebody listed cannot be read: nobody could say who that is.
  public func users(
    with filter: EmailFilter, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> [CognitoUser] {
    var users: [CognitoUser] = []
    var token: String?
    var tokens = TokenLoop()
    repeat {
      let page = try listUsers(in: pool, filter: filter.text, after: token, until: deadline)
      for user in page.users {
        guard case .success(let user) = user else { throw .malformedAnswer(.listUsers) }
        users.append(user)
      }
      token = page.nextToken
      if let token, tokens.closes(with: token) { throw .malformedAnswer(.listUsers) }
    } while token != nil
    return users
  }

  /// Has a provider's identity sign in as a native user from now on (`AdminLinkProviderForUser`).
  ///
  /// - Parameters:
  ///   - provider: its name in the pool, in the case that it has there.
  ///   - subject: who the provider says it is, `sub` or `NameID`, in its own case.
  ///   - username: the native user's name.
  /// - Throws: `aliasExists` where the identity has a user of its own, or is linked to another; `invalidParameter`
  ///   where it is linked to this one, or the pool has no such provider; `limitExceeded` where the user has five;
  ///   `userNotFound`.
  public func link(
    _ subject: String, of provider: String, to username: String, in pool: UserPoolID,
    until deadline: Deadline
  ) throws(CognitoError) {
    _ = try call(
      .linkProvider,
      [
        "DestinationUser": .object([
          "ProviderName": .string("Cognito"), "ProviderAttributeValue": .string(username),
        ]),
        "SourceUser": .object([
          "ProviderName": .string(provider), "ProviderAttributeName": .string("Cognito_Subject"),
          "ProviderAttributeValue": .string(subject),
        ]),
      ], in: pool, until: deadline)
  }

  /// Finds out whether identities may be linked, by a call that can link none: there is neither such a user nor such a
  /// provider.
  ///
  /// - Throws: every answer but that there is none: `accessDenied` where IAM refuses the call, which it does before
  ///   Cognito looks for anybody.
  public func tryLinking(in pool: UserPoolID, until deadline: Deadline) throws(CognitoError) {
    let nobody = Self.nameOfNobody()
    do throws(CognitoError) {
      try link(nobody, of: "pooltable-nobody", to: nobody, in: pool, until: deadline)
    } catch .userNotFound, .invalidParameter, .resourceNotFound {
      // So it is allowed.
    }
  }

  /// The name of a user whom nobody can have made: 128 random bits, in a text that every name's constraints allow.
  public static func nameOfNobody() -> String {
    var random = SystemRandomNumberGenerator()
    return "pooltable-nobody-\(random.next())-\(random.next())"
  }

  /// Deletes a user, for good (`AdminDeleteUser`).
  ///
  /// - Parameter username: the user's name.
  /// - Throws: `userNotFound`, also when an attempt whose answer was lost has deleted the user.
  public func deleteUser(
    _ username: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) {
    _ = try call(.deleteUser, ["Username": .string(username)], in: pool, until: deadline)
  }
}

/// The filter of `ListUsers` that finds an address.
///
/// Source: Amazon Cognito user pools API reference, `ListUsers`, `Filter`: at most 256 characters; the value stands in
/// quotation marks, and no way is given to write one, or a backslash, that belongs to it.
public struct EmailFilter: Sendable, Equatable {
  private static let lengthLimit = 256

  let text: String

  /// - Returns: nil for an address that no filter can hold, or that would change what the filter means.
  public init?(_ address: String) {
    let text = "email = \"\(address)\""
    guard !address.isEmpty, text.utf16.count <= Self.lengthLimit,
      address.unicodeScalars.allSatisfy({ scalar in
        scalar != "\"" && scalar != "\\" && scalar.properties.generalCategory != .control
      })
    else { return nil }
    self.text = text
  }
}
