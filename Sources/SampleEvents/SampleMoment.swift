import CognitoTriggers

/// Where a user stands when a trigger is fired.
struct SampleMoment {
  private let status: String?
  /// Before signing up there is none.
  var hasSub: Bool { status != nil }
  /// Whether the e-mail address, or the telephone number, is verified.
  let isVerified: Bool
  /// Whether the event says that at all.
  let tellsVerified: Bool
  /// Whether it is a telephone number, and no e-mail address.
  let isByPhone: Bool
  /// Whether there are Cognito's pseudo attributes for aliases.
  let hasAliases: Bool

  private init(
    _ status: String?, verified isVerified: Bool = true, tellsVerified: Bool = true,
    byPhone isByPhone: Bool = false, aliases hasAliases: Bool = false
  ) {
    self.status = status
    self.isVerified = isVerified
    self.tellsVerified = tellsVerified
    self.isByPhone = isByPhone
    self.hasAliases = hasAliases
  }

  /// `cognito:user_status`; nil before signing up.
  func status(isFederated: Bool) -> String? {
    status == "CONFIRMED" && isFederated ? "EXTERNAL_PROVIDER" : status
  }

  init(_ source: TriggerSource) {
    let byPhone: Bool =
      switch source.trigger {
      case .defineAuthChallenge, .createAuthChallenge, .verifyAuthChallengeResponse,
        .customSMSSender:
        true
      default: false
      }
    self =
      switch source {
      case .preSignUp: .init(nil, tellsVerified: false)
      case .preSignUpAdminCreateUser: .init(nil)
      case .preSignUpExternalProvider: .init(nil, tellsVerified: false, aliases: true)
      case .customMessageSignUp, .customMessageResendCode,
        .customEmailSenderSignUp, .customEmailSenderResendCode,
        .customSMSSenderSignUp, .customSMSSenderResendCode:
        .init("UNCONFIRMED", verified: false, byPhone: byPhone)
      case .customMessageAdminCreateUser, .customEmailSenderAdminCreateUser,
        .customSMSSenderAdminCreateUser:
        .init("FORCE_CHANGE_PASSWORD", byPhone: byPhone)
      case .customMessageForgotPassword, .customEmailSenderForgotPassword,
        .customSMSSenderForgotPassword:
        .init("RESET_REQUIRED", byPhone: byPhone)
      case .customMessageUpdateUserAttribute, .customMessageVerifyUserAttribute,
        .customEmailSenderUpdateUserAttribute, .customEmailSenderVerifyUserAttribute,
        .customSMSSenderUpdateUserAttribute, .customSMSSenderVerifyUserAttribute:
        .init("CONFIRMED", verified: false, byPhone: byPhone)
      default: .init("CONFIRMED", byPhone: byPhone)
      }
  }
}
