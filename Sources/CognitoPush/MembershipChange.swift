import Clock
import CognitoAPI
import UserTable

/// Makes one membership what the tables want, with as many calls as that takes.
struct MembershipChange {
  var cognito: CognitoClient
  var pool: UserPoolID
  var username: String
  var membership: WantedMembership
  var createsGroups: Bool
  /// Of all calls together.
  var deadline: Deadline

  func carryOut() -> (outcome: PushOutcome, hasCreatedGroup: Bool) {
    let step = PushStep(
      isWanted: membership.isWanted, error: change(), createsGroups: createsGroups)
    switch step {
    case .end(let outcome): return (outcome, false)
    case .askForGroups: return (outcomeByAsking(), false)
    case .createGroup: return addToNewGroup()
    }
  }

  /// - Returns: nil where Cognito did it.
  private func change() -> CognitoError? {
    attempt { () throws(CognitoError) in
      if membership.isWanted {
        try cognito.addUser(username, toGroup: membership.group, in: pool, until: deadline)
      } else {
        try cognito.removeUser(username, fromGroup: membership.group, in: pool, until: deadline)
      }
    }
  }

  private func addToNewGroup() -> (outcome: PushOutcome, hasCreatedGroup: Bool) {
    let error = attempt { () throws(CognitoError) in
      try cognito.createGroup(membership.group, in: pool, until: deadline)
    }
    switch error {
    // Another worker was faster.
    case nil, .groupExists: break
    case let error?: return (PushOutcome(error), false)
    }
    return (PushOutcome(ofAdding: change()), error == nil)
  }

  private func outcomeByAsking() -> PushOutcome {
    do {
      let groups = try cognito.groups(of: username, in: pool, until: deadline)
      return groups.holds(membership.group) ? .postponed(.resourceNotFound) : .settled
    } catch .userNotFound {
      return .settled
    } catch {
      return PushOutcome(error)
    }
  }

  private func attempt(_ call: () throws(CognitoError) -> Void) -> CognitoError? {
    do {
      try call()
      return nil
    } catch {
      return error
    }
  }
}
