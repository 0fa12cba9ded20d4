import Clock
import CognitoAPI
import CognitoTriggers
import UserTable

/// Who knows whether a user whom no listing shows is gone: listings lag behind.
public protocol Presence: AnyObject {
  /// Asks whether Cognito still has a user.
  ///
  /// - Returns: the answer, and when it was asked for.
  /// - Throws: `cognito(.accessDenied)` where that may not be asked.
  func ask(about user: MissingUser) throws(ListingError) -> (PresenceAnswer, askedAt: Timestamp)
}

public enum PresenceAnswer: Sendable, Equatable {
  /// Cognito has no such user; or another one of that name, which is never used again for the same user.
  case gone
  case present
  /// The row has no name to ask by.
  case unknown
}

/// Cognito itself, asked by `AdminGetUser`, the read that does not lag.
public final class PoolPresence: Presence {
  private let client: PacedClient

  /// - Parameters:
  ///   - client: one that tries nothing again by itself.
  ///   - rate: requests a second, at most.
  ///   - stop: ends every wait.
  ///   - waits: called before each wait for another attempt.
  public init(
    in pool: UserPoolID, client: CognitoClient, rate: Double = PoolListing.defaultRate,
    until stop: StopRequest = StopRequest(), waits: @escaping WaitNotice = { _, _ in }
  ) {
    self.client = PacedClient(of: pool, client: client, rate: rate, until: stop, waits: waits)
  }

  public func ask(
    about user: MissingUser
  ) throws(ListingError) -> (PresenceAnswer, askedAt: Timestamp) {
    guard let name = user.userName else { return (.unknown, .now()) }
    return try client.call { (client, pool, deadline, now) throws(CognitoError) in
      do throws(CognitoError) {
        let shown = try client.user(name, in: pool, until: deadline)
        guard let sub = shown.sub else { throw .malformedAnswer(.getUser) }
        return (sub == user.sub ? .present : .gone, now)
      } catch .userNotFound {
        return (.gone, now)
      }
    }
  }
}
