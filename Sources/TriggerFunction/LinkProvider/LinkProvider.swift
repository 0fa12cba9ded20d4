import Clock
import CognitoAPI
import CognitoTriggers
import LambdaRuntime
import UserTable

/// Links who signs in through a provider for the first time to the native user who has the same verified address.
///
/// On any doubt nobody is linked, and the sign-up goes on with a user of its own: a wrong link hands somebody's account
/// over, a missing one can be made later (`pooltable link`).
struct LinkProvider {
  /// What the calls may need; with less they are not begun.
  static let minimumBudget = Duration.milliseconds(500)

  private let settings: LinkSettings
  private let cognito: CognitoClient
  private let share: Duration

  /// - Parameters:
  ///   - cognito: a call that is throttled may be tried again: there is no next time for it.
  ///   - budget: of an event. Half of it may be spent here: a Cognito that does not answer must leave time to.
  init(_ settings: LinkSettings, cognito: CognitoClient, budget: Duration) {
    self.settings = settings
    self.cognito = cognito
    share = max(Self.minimumBudget, budget / 2)
  }

  /// - Parameters:
  ///   - event: of `PreSignUp_ExternalProvider`, and the sign-up is allowed.
  ///   - deadline: the invocation's.
  /// - Returns: what became of it, and the native user it is about, as far as one was found.
  func perform(for event: TriggerEvent, until deadline: Deadline) -> Report {
    let source: LinkSource
    do throws(LinkDoubt) {
      source = try LinkSource(
        FederatedProfile(userName: event.userName ?? "", attributes: event.attributes), settings)
    } catch {
      return Report(result: .doubt(error))
    }
    guard deadline.remaining >= Self.minimumBudget else { return Report(result: .postponed) }
    guard let pool = event.userPoolID.flatMap({ UserPoolID($0) }), cognito.hasHost(for: pool)
    else { return Report(result: .noRegion) }
    if let region = event.region, pool.isReplica(in: region) { return Report(result: .secondary) }
    let linker = IdentityLinker(cognito: cognito)
    let deadline = deadline.capped(at: share)
    do throws(LinkFailure) {
      guard let native = try linker.native(for: source, in: pool, until: deadline) else {
        return Report(result: .nobody)
      }
      try linker.link(source, to: native, in: pool, until: deadline)
      return Report(result: .linked, native: native, in: pool)
    } catch {
      switch error {
      case .doubt(let doubt, let native):
        return Report(result: .doubt(doubt), native: native, in: pool)
      case .cognito(let error, let native):
        return Report(result: .failed(error), native: native, in: pool)
      }
    }
  }

  /// The answer to the sign-up.
  ///
  /// - Parameter answer: what it would be without a link.
  func answer(after result: LinkResult, instead answer: InvocationAnswer) -> InvocationAnswer {
    result == .linked && settings.answer == .retry ? .failure(.signInAgain) : answer
  }

  struct Report: Equatable {
    var result: LinkResult
    var native: UserKey?

    init(result: LinkResult) {
      self.result = result
    }

    init(result: LinkResult, native: NativeUser?, in pool: UserPoolID) {
      self.result = result
      self.native = native.map { UserKey(userPoolID: pool.text, sub: $0.sub) }
    }
  }
}

extension InvocationFailure {
  static let signInAgain = InvocationFailure(
    type: "Function.SignInAgain", message: "Your accounts are linked now, please sign in again")
}
