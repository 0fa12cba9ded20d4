import CognitoAPI

/// A call of Cognito's API that a deployment makes, and for what.
struct NeededCall: Sendable, Equatable {
  var operation: CognitoOperation
  /// The settings and commands that make it.
  var purposes: [String]
  /// Whether the function itself makes it.
  var isTheFunctions: Bool

  /// Every call that is made with what is on, each once.
  ///
  /// - Source: README.md and the function's role in scripts/deploy/template.yaml.
  static func all(for features: Features) -> [NeededCall] {
    let users: [(setting: String?, operations: [CognitoOperation])] = [
      (features.linksProviders ? "LINK_PROVIDERS" : nil, [.listUsers, .getUser, .linkProvider]),
      (features.followsChanges ? "FOLLOW_CHANGES" : nil, [.getUser, .listUsers]),
      (
        features.writeBackAttribute == nil ? nil : "WRITE_BACK_ATTRIBUTE", [.updateAttributes]
      ),
      (
        features.pushesOnSchedule ? "PUSH_ON_SCHEDULE" : nil,
        [.addUserToGroup, .removeUserFromGroup, .listGroupsForUser]
      ),
      (
        features.pushesOnSchedule && features.createsGroups ? "PUSH_CREATE_GROUPS" : nil,
        [.createGroup]
      ),
      (features.reconciles ? "pooltable reconcile" : nil, [.listUsers, .getUser]),
    ]
    var calls: [NeededCall] = []
    for (purpose, operations) in users {
      guard let purpose else { continue }
      let isTheFunctions = purpose != "pooltable reconcile"
      for operation in operations {
        if let index = calls.firstIndex(where: { $0.operation == operation }) {
          calls[index].purposes.append(purpose)
          calls[index].isTheFunctions = calls[index].isTheFunctions || isTheFunctions
        } else {
          calls.append(
            NeededCall(
              operation: operation, purposes: [purpose], isTheFunctions: isTheFunctions))
        }
      }
    }
    return calls
  }
}

/// Whether a call is allowed, by how it was answered when it was tried in a way that changes nothing.
enum PermissionCheck {
  /// - Parameter answer: nil where the call succeeded; an error of Cognito's own comes after IAM has let it in.
  static func finding(_ call: NeededCall, on pool: UserPoolID, _ answer: CognitoError?) -> Finding {
    let name = "cognito-idp:\(call.operation.rawValue)"
    let purpose = call.purposes.joined(separator: ", ")
    switch answer {
    case .accessDenied:
      let text = "\(name) on \(pool) is not allowed, and \(purpose) needs it"
      let remedy = "allow \(name) on the pool's ARN"
      return call.isTheFunctions
        ? .failed(.permission, text, remedy) : .warning(.permission, text, remedy)
    case nil, .userNotFound, .resourceNotFound, .groupExists, .invalidParameter, .limitExceeded,
      .aliasExists, .notAuthorized:
      return .ok(.permission, "\(name) on \(pool), for \(purpose)")
    case let error?:
      return .skipped(.permission, "\(name) on \(pool): \(error.told)")
    }
  }

  /// Why a call cannot be tried without an effect; nil where it can.
  static func whyNotTried(_ operation: CognitoOperation) -> String? {
    operation == .createGroup ? "cannot be tried without making a group" : nil
  }
}
