import CognitoAPI
import UserTable

/// What became of one change of a membership.
enum PushOutcome: Sendable, Equatable {
  /// Cognito has it as the tables want it.
  case settled
  /// It may succeed later.
  case postponed(CognitoError)
  /// It cannot succeed as things are: kept with its reason for somebody to look at.
  case keptBack(String, KeptBecause = .refused)
  /// It is not about this user: no other user, of the pool at least, would fare better.
  case stop(CognitoError)

  /// - Parameter error: any but those that mean something special for this change.
  init(_ error: CognitoError) {
    if error.isTransient {
      self = .postponed(error)
    } else if error.isPermanent {
      self = .keptBack(error.description)
    } else {
      self = .stop(error)
    }
  }

  /// - Parameter error: of adding a user to a group that is not going to be made; nil: it was done.
  init(ofAdding error: CognitoError?) {
    switch error {
    case nil: self = .settled
    case .resourceNotFound:
      self = .keptBack(
        "the group does not exist: run 'pooltable push --create-groups', or create it in Cognito and run "
          + "'pooltable push --retry-failed'", .missingGroup)
    case let error?: self = .init(error)
    }
  }
}

extension PushOutcome {
  /// What becomes of a removal after this outcome of an addition of the same user: nil where it may be made.
  ///
  /// A renamed role is an addition and a removal. Who is not in the new group yet stays in the old one.
  var removalMeanwhile: PushOutcome? {
    switch self {
    case .settled, .stop: nil
    case .postponed(let error): .postponed(error)
    case .keptBack:
      .keptBack(
        "the user stays in the group until it is in those that it should be added to",
        .additionFailed)
    }
  }
}

/// What is to be done about Cognito's answer to adding or removing a member.
enum PushStep: Sendable, Equatable {
  case end(PushOutcome)
  /// The group is to be made, and the user added again.
  case createGroup
  /// Cognito found no group, or no pool: only where the pool is there has the user left the group.
  case askForGroups

  /// - Parameters:
  ///   - error: nil where Cognito did as it was told.
  ///   - createsGroups: whether a group that is missing may be made.
  init(isWanted: Bool, error: CognitoError?, createsGroups: Bool) {
    switch (error, isWanted) {
    case (.resourceNotFound, true) where createsGroups: self = .createGroup
    case (_, true): self = .end(PushOutcome(ofAdding: error))
    // Who is not there is in no group.
    case (nil, false), (.userNotFound, false): self = .end(.settled)
    case (.resourceNotFound, false): self = .askForGroups
    case (let error?, false): self = .end(PushOutcome(error))
    }
  }
}
