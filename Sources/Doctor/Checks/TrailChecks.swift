import CognitoTriggers

/// Whether changes that no trigger tells of reach the function: a trail, and rules of EventBridge.
enum TrailChecks {
  /// A trail that records in this region.
  struct Trail: Sendable, Equatable {
    var name: String
    /// Nil where it may not be asked.
    var isLogging: Bool?
    /// Whether it records management events that write. Nil where it may not be asked.
    var recordsWrites: Bool?
  }

  static func trail(_ trails: [Trail], in region: String) -> Finding {
    let remedy =
      "CreateTrail=on, or a trail with IncludeManagementEvents and ReadWriteType All or WriteOnly"
    if let good = trails.first(where: { $0.isLogging == true && $0.recordsWrites == true }) {
      return .ok(.trail, "\(good.name) records management events that write in \(region)")
    }
    if let unknown = trails.first(where: { $0.isLogging != false && $0.recordsWrites != false }) {
      return .skipped(
        .trail, "whether \(unknown.name) records what is needed may not be asked",
        "cloudtrail:GetTrailStatus and GetEventSelectors; a trail of the organization is its owner's to look at"
      )
    }
    return .failed(
      .trail,
      trails.isEmpty
        ? "no trail records in \(region): EventBridge gets no record, and nothing says so"
        : "no trail in \(region) both records management events that write and is switched on",
      remedy)
  }

  /// - Parameters:
  ///   - rules: those that call the function and are on.
  ///   - unmatched: the calls whose records no rule lets through.
  static func rules(_ rules: [String], unmatched: [FollowedCall]) -> Finding {
    if rules.isEmpty {
      return .failed(
        .rules, "no rule of EventBridge that is on calls the function",
        "FollowChanges=on makes two: for administrators' calls, and for users' own")
    }
    if unmatched.isEmpty {
      return .ok(.rules, "\(rules.joined(separator: ", ")) let every call through that is followed")
    }
    let own = unmatched.filter { !$0.namesPool }
    let names = unmatched.map(\.rawValue).joined(separator: ", ")
    return .failed(
      .rules, "no rule lets \(names) through",
      own.isEmpty
        ? "add them to the rule for administrators' calls"
        : "a rule without the pool's id for users' own calls: their records name no pool")
  }
}

extension FollowedCall {
  /// Whether its record says which pool it was made on: a user's own token names none.
  var namesPool: Bool {
    switch self {
    case .updateUserAttributes, .deleteUserAttributes, .verifyUserAttribute, .deleteUser: false
    case .adminCreateUser, .adminConfirmSignUp, .adminUpdateUserAttributes,
      .adminDeleteUserAttributes, .adminEnableUser, .adminDisableUser, .adminSetUserPassword,
      .adminResetUserPassword, .adminLinkProviderForUser, .adminDisableProviderForUser,
      .adminDeleteUser, .startUserImportJob, .deleteUserPool:
      true
    }
  }
}
