import Clock
import CognitoAPI
import CognitoTriggers

/// Finds the native user whom an identity belongs to, and links it: what the function does while somebody waits, and
/// `pooltable link` later.
public struct IdentityLinker {
  private let cognito: CognitoClient

  /// - Parameter cognito: how it is asked, and how patiently.
  public init(cognito: CognitoClient) {
    self.cognito = cognito
  }

  /// Looks for the native user by a listing, which may lag behind, and then asks Cognito for that user.
  ///
  /// - Parameter deadline: for all calls together.
  /// - Returns: nil where no native user has the address.
  public func native(
    for source: LinkSource, in pool: UserPoolID, until deadline: Deadline
  ) throws(LinkFailure) -> NativeUser? {
    let listed: [CognitoUser]
    do throws(CognitoError) {
      listed = try cognito.users(with: source.filter, in: pool, until: deadline)
    } catch {
      throw .cognito(error)
    }
    let found: CognitoUser?
    do throws(LinkDoubt) {
      found = try LinkRule.native(among: listed, for: source)
    } catch {
      throw .doubt(error)
    }
    guard let found else { return nil }
    guard let sub = found.sub else { throw .cognito(.malformedAnswer(.listUsers)) }
    let native = NativeUser(userName: found.username, sub: sub)
    try check(try ask(for: native, in: pool, until: deadline), is: native, for: source)
    return native
  }

  /// Links an identity to a user whom `native` has found.
  ///
  /// Where Cognito refuses, because something has changed meanwhile, the user is asked for again, and linked where that
  /// is still right. An attempt that Cognito gave up and repeats may have done it.
  public func link(
    _ source: LinkSource, to native: NativeUser, in pool: UserPoolID, until deadline: Deadline
  ) throws(LinkFailure) {
    do throws(CognitoError) {
      try call(source, native, in: pool, until: deadline)
    } catch {
      guard error.mayBeAConflict else { throw LinkFailure(error, about: native) }
      let asked = try ask(for: native, in: pool, until: deadline)
      if LinkRule.isLinked(source, to: asked) { return }
      try check(asked, is: native, for: source)
      do throws(CognitoError) {
        try call(source, native, in: pool, until: deadline)
      } catch {
        throw LinkFailure(error, about: native)
      }
    }
  }

  private func call(
    _ source: LinkSource, _ native: NativeUser, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) {
    try cognito.link(
      source.subject, of: source.provider.text, to: native.userName, in: pool, until: deadline)
  }

  private func ask(
    for native: NativeUser, in pool: UserPoolID, until deadline: Deadline
  ) throws(LinkFailure) -> CognitoUser {
    do throws(CognitoError) {
      return try cognito.user(native.userName, in: pool, until: deadline)
    } catch {
      throw LinkFailure(error, about: native)
    }
  }

  private func check(
    _ asked: CognitoUser, is native: NativeUser, for source: LinkSource
  ) throws(LinkFailure) {
    do throws(LinkDoubt) {
      try LinkRule.check(asked, isAt: native.sub, for: source)
    } catch {
      throw .doubt(error, about: native)
    }
  }
}

/// A user with a password of their own, to whom identities are linked.
public struct NativeUser: Sendable, Equatable {
  /// As Cognito has it.
  public var userName: String
  public var sub: Sub
}

/// Why nobody was linked.
public enum LinkFailure: Error, Sendable, Equatable {
  /// - about: whom it would have been; nil where nobody, or not one, was found.
  case doubt(LinkDoubt, about: NativeUser? = nil)
  /// - about: as above.
  case cognito(CognitoError, about: NativeUser? = nil)

  /// What Cognito's refusals say of the user or the identity is a doubt, and no failure.
  fileprivate init(_ error: CognitoError, about native: NativeUser) {
    self =
      switch error {
      case .userNotFound: .doubt(.changed, about: native)
      case .aliasExists: .doubt(.ownUser, about: native)
      case .limitExceeded: .doubt(.full, about: native)
      default: .cognito(error, about: native)
      }
  }
}

extension CognitoError {
  /// Whether another attempt at the same link may be the cause, or a user who has changed since.
  ///
  /// Source: AWS's API reference names no error for an identity that is linked to this very user; public reports show
  /// `InvalidParameterException` and `AliasExistsException`.
  fileprivate var mayBeAConflict: Bool {
    switch self {
    case .aliasExists, .invalidParameter, .limitExceeded, .userNotFound: true
    case .other(let type, _): type == "ConcurrentModificationException"
    default: false
    }
  }
}
