import CognitoAPI

/// What happens to users, and whether and when the table hears of it: the rows of the README's table.
enum Journey: String, CaseIterable {
  case signedUp = "signed up and confirmed"
  case confirmedByAdministrator = "confirmed by an administrator"
  case createdByAdministrator = "created by an administrator"
  case federated = "federated, first time"
  case renewed = "signed in at managed login, or by a refresh"
  case changedThemselves = "changed by themselves"
  case changedByAdministrator = "changed by an administrator"
  case disabled = "disabled"
  case linked = "linked or unlinked"
  case passwordSet = "password set or reset by an administrator"
  case deleted = "deleted"
  case imported = "imported from CSV"

  /// Whether a deployment with PostConfirmation and PostAuthentication, and no more, hears of it.
  private var isEverybodys: Bool {
    switch self {
    case .renewed, .disabled, .deleted: false
    default: true
    }
  }

  /// Whether it ends with nobody ever hearing of it, but for a listing.
  func isMissed(with wired: Set<PoolTrigger>, _ features: Features) -> Bool {
    let byToken = features.syncOnToken && wired.contains(.preTokenGeneration)
    let bySignIn = wired.contains(.postAuthentication)
    let byRecord = features.followsChanges
    return switch self {
    case .signedUp, .federated: !(wired.contains(.postConfirmation) || bySignIn || byToken)
    case .confirmedByAdministrator:
      !(wired.contains(.postConfirmation) || bySignIn || byToken || byRecord)
    case .createdByAdministrator, .changedThemselves, .changedByAdministrator, .linked,
      .passwordSet:
      !(bySignIn || byToken || byRecord)
    case .imported: !(bySignIn || byToken)
    case .renewed: !byToken
    case .disabled, .deleted: !byRecord
    }
  }

  static func finding(
    _ pool: UserPoolID, with wired: Set<PoolTrigger>, _ features: Features
  ) -> Finding {
    if features.answersAppSync, wired.isEmpty, !features.followsChanges {
      return .skipped(.journeys, "the function answers AppSync, and writes no user of \(pool)")
    }
    let missed = allCases.filter { $0.isMissed(with: wired, features) }
    let unexpected = missed.filter(\.isEverybodys)
    func names(_ journeys: [Journey]) -> String {
      journeys.map(\.rawValue).joined(separator: "; ")
    }
    if !unexpected.isEmpty {
      return .warning(
        .journeys, "only a listing of \(pool) tells of who is \(names(unexpected))",
        "connect PostConfirmation and PostAuthentication, and run 'pooltable reconcile --prune' on a schedule"
      )
    }
    return .ok(
      .journeys,
      missed.isEmpty
        ? "every way of a user of \(pool) is seen"
        : "sign-ups and sign-ins of \(pool) are seen; by 'pooltable reconcile --prune' only: \(names(missed))"
    )
  }
}
