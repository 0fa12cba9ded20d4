import Clock
import CognitoAPI
import CognitoTriggers
import UserTable

/// Asks Cognito about the user of a change, and brings the row in line with the answer.
///
/// The record says where to look and nothing else, so that order, duplicates and forgery do no harm. Nothing is
/// ever written to Cognito, or a followed change would cause another one, without end.
struct FollowChange {
  let store: UserStore
  let directory: any UserDirectory
  /// The clock.
  var now: () -> Timestamp = Timestamp.now

  /// - Parameters:
  ///   - pools: where the user may be, with the region to ask in.
  ///   - deadline: for everything.
  /// - Returns: the event as it is.
  func perform(
    for subject: ChangeRule.Subject, in pools: [UserPoolID], until deadline: Deadline
  ) -> ActionResult {
    var statements = StatementSeries(store: store, deadline: deadline)
    do {
      let outcome =
        switch subject {
        case .sub(let sub, let userName, let isGone):
          try follow(sub, userName: userName, isGone: isGone, in: pools, &statements)
        case .userName(let userName): try follow(userName: userName, in: pools, &statements)
        }
      return ActionResult(.echo, ActionReport(outcome: outcome, times: statements.times))
    } catch {
      return ActionResult(error, user: Self.key(of: subject, in: pools), times: statements.times)
    }
  }

  private func follow(
    _ sub: Sub, userName: String?, isGone: Bool, in pools: [UserPoolID],
    _ statements: inout StatementSeries
  ) throws(ActionFailure) -> Outcome {
    let known = try statements.answer(to: FindUserCall(sub, inPools: pools.map(\.text)))
    for user in known {
      guard let pool = pools.first(where: { $0.text == user.key.userPoolID }) else { continue }
      return try follow(user, in: pool, &statements)
    }
    // Nobody here knows the user, and nobody needs to.
    if isGone { return .unchanged }
    for pool in pools {
      guard let name = try name(of: sub, in: pool, until: statements.deadline) else { continue }
      return try bring(name, sub, in: pool, &statements) ?? .unidentified
    }
    // The list of users may lag behind: the record may tell a name.
    if let userName, let pool = pools.first, pools.count == 1,
      let outcome = try bring(userName, sub, in: pool, &statements)
    {
      return outcome
    }
    return .unidentified
  }

  /// Asks about a user who has a row.
  private func follow(
    _ known: KnownUser, in pool: UserPoolID, _ statements: inout StatementSeries
  ) throws(ActionFailure) -> Outcome {
    // The list may lag behind, and shows nobody as gone: only who is asked for by name is.
    var userName = known.userName
    if userName == nil {
      userName = try name(of: known.key.sub, in: pool, until: statements.deadline)
    }
    guard let userName else { return .unidentified }
    let asked = now()
    let shown = try user(named: userName, in: pool, askedAt: asked, until: statements.deadline)
    guard let shown, shown.key.sub == known.key.sub else {
      // Deleted; and where somebody else has the name by now, that user is as good as any other.
      let outcome = try statements.answer(to: MarkDeletedCall(known.key, observedAt: asked))
      if let shown { _ = try write(shown, &statements) }
      return Outcome(outcome)
    }
    return try write(shown, known: known, &statements)
  }

  /// Asks about a user of whom only a name is told.
  private func follow(
    userName: String, in pools: [UserPoolID], _ statements: inout StatementSeries
  ) throws(ActionFailure) -> Outcome {
    var outcome = Outcome.unidentified
    for pool in pools {
      let asked = now()
      if let shown = try user(
        named: userName, in: pool, askedAt: asked, until: statements.deadline)
      {
        return try write(shown, &statements)
      }
      for user in try statements.answer(to: FindUserCall(userName: userName, inPool: pool.text)) {
        outcome = Outcome(
          try statements.answer(to: MarkDeletedCall(user.key, observedAt: asked)))
      }
    }
    return outcome
  }

  /// Asks about a user without a row by name.
  ///
  /// - Returns: nil where Cognito has no such user, or another one of that name.
  private func bring(
    _ userName: String, _ sub: Sub, in pool: UserPoolID, _ statements: inout StatementSeries
  ) throws(ActionFailure) -> Outcome? {
    let shown = try user(
      named: userName, in: pool, askedAt: now(), until: statements.deadline)
    guard let shown, shown.key.sub == sub else { return nil }
    return try write(shown, &statements)
  }

  /// - Parameter known: nil where it is not known yet whether there is a row.
  private func write(
    _ shown: ShownUser, known: KnownUser? = nil, _ statements: inout StatementSeries
  ) throws(ActionFailure) -> Outcome {
    var row = known
    if row == nil {
      row = try statements.answer(
        to: FindUserCall(shown.key.sub, inPools: [shown.key.userPoolID])
      ).first
    }
    let synced: SyncedUser
    do throws(UnidentifiedUser) {
      synced = try SyncedUser(
        userPoolID: shown.key.userPoolID, userName: shown.user.username,
        attributes: shown.user.attributes.merging(row?.eventAttributes ?? [:]) { told, _ in told },
        status: shown.user.status, isEnabled: shown.user.isEnabled, observedAt: shown.askedAt)
    } catch {
      throw .unidentifiedUser(error)
    }
    return Outcome(try statements.answer(to: SyncUserCall(synced)).outcome)
  }

  /// A user as Cognito, asked by name, shows it.
  private struct ShownUser {
    var key: UserKey
    var user: CognitoUser
    var askedAt: Timestamp
  }

  /// - Returns: nil where Cognito has no user of that name.
  private func user(
    named userName: String, in pool: UserPoolID, askedAt: Timestamp, until deadline: Deadline
  ) throws(ActionFailure) -> ShownUser? {
    let user: CognitoUser
    do throws(CognitoError) {
      user = try directory.user(userName, in: pool, until: deadline)
    } catch .userNotFound {
      return nil
    } catch {
      throw .cognito(error)
    }
    guard let sub = user.sub else {
      throw .cognito(.malformedAnswer(.getUser))
    }
    return ShownUser(
      key: UserKey(userPoolID: pool.text, sub: sub), user: user, askedAt: askedAt)
  }

  private func name(
    of sub: Sub, in pool: UserPoolID, until deadline: Deadline
  ) throws(ActionFailure) -> String? {
    do throws(CognitoError) {
      return try directory.userName(of: sub, in: pool, until: deadline)
    } catch {
      throw .cognito(error)
    }
  }

  private static func key(of subject: ChangeRule.Subject, in pools: [UserPoolID]) -> UserKey? {
    guard case .sub(let sub, _, _) = subject, let pool = pools.first else { return nil }
    return UserKey(userPoolID: pool.text, sub: sub)
  }
}

/// What may be asked about users; nothing that changes one.
protocol UserDirectory {
  /// - Throws: `userNotFound` where the pool has no user of that name.
  func user(
    _ username: String, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> CognitoUser

  /// - Returns: nil where nobody of that `sub` is listed, which may lag behind.
  func userName(
    of sub: Sub, in pool: UserPoolID, until deadline: Deadline
  ) throws(CognitoError) -> String?
}

extension CognitoClient: UserDirectory {}

extension Outcome {
  fileprivate init(_ outcome: DeletionOutcome) {
    self =
      switch outcome {
      case .deleted: .deleted
      case .unchanged: .unchanged
      case .stale: .stale
      }
  }
}
