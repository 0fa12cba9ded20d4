import CognitoTriggers

/// What Cognito is told when a user could not be written.
public enum FailurePolicy: String, Sendable, CaseIterable {
  /// An error: Cognito fails the sign-up's confirmation or the sign-in.
  case fail
  /// The event, as if all were well; a later sign-in or a reconciliation heals the table.
  case `continue`

  /// - Parameter source: one of the sources that are written.
  public init(for source: TriggerSource?, in configuration: Configuration) {
    switch source {
    case .postAuthentication: self = configuration.postAuthenticationOnFailure
    default: self = configuration.postConfirmationOnFailure
    }
  }
}
