import Clock
import CognitoAPI
import CognitoTriggers
import UserTable

extension UserBatch {
  /// - Parameter problem: called with the index of each user without a valid `sub`.
  init(_ page: ListedPage, of pool: UserPoolID, problem: (Int, UnidentifiedUser) -> Void) {
    self.init(observedAt: page.observedAt)
    for (index, user) in page.users.enumerated() {
      do {
        let synced = try SyncedUser(user, of: pool, observedAt: page.observedAt)
        add(synced, lastModifiedAt: user.lastModifiedAt)
      } catch {
        problem(index, error)
      }
    }
  }
}

extension SyncedUser {
  /// A user as a listing shows it.
  ///
  /// - Throws: where it has no valid `sub`.
  init(
    _ user: CognitoUser, of pool: UserPoolID, observedAt: Timestamp
  ) throws(UnidentifiedUser) {
    try self.init(
      userPoolID: pool.text, userName: user.username, attributes: user.attributes,
      status: user.status, isEnabled: user.isEnabled, observedAt: observedAt)
  }
}
