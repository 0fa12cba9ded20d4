import Clock
import CognitoTriggers
import LambdaRuntime
import PasswordHashes
import PasswordVerification
import UserTable

/// Answers with a user who was there before Cognito, where the password is the user's.
///
/// In every other case the answer is the event as it came, which Cognito turns into the one that it gives whoever does
/// not exist. Unknown users cost a hash, too: the time of an answer tells nothing either.
final class MigrateUser {
  typealias Verification =
    (borrowing Password, HashScheme) throws(VerificationFault) -> Bool

  private let store: UserStore
  private let settings: MigrationSettings
  private let isRight: Verification
  /// What is computed where there is no hash: as much as for those that there are.
  private var usual: HashScheme?

  /// - Parameter verification: computes one hash; nil: as the settings say.
  init(store: UserStore, settings: MigrationSettings, verification: Verification? = nil) {
    self.store = store
    self.settings = settings
    isRight = verification ?? settings.verifier.isRight
    // Until there was one: bcrypt of cost 12, and nobody's.
    usual =
      settings.dummy ?? (try? StoredHash("$2b$12$" + String(repeating: ".", count: 53)).scheme)
  }

  /// - Returns: the event with a user in its response, or the event.
  func perform(
    for event: TriggerEvent, in invocation: Invocation, until deadline: Deadline
  ) -> ActionResult {
    guard let pool = event.userPoolID, let name = event.userName, !name.isEmpty else {
      return unmatched("the event names no user")
    }
    let details: UserMigrationEvent
    do { details = try UserMigrationEvent(invocation.payload) } catch {
      return ActionResult(.migrationEvent(error))
    }
    let isSignIn = event.source == .userMigration
    let run = store.run(
      FindLegacyUserCall(userName: name, inPool: pool, limit: isSignIn ? settings.limit : nil),
      until: deadline)
    let user: LegacyUser
    switch run.answer {
    case .success(let answer): user = answer
    case .failure(let error): return ActionResult(.database(error), times: run.times)
    }
    let start = Instant.now()
    var result =
      isSignIn ? signIn(user, details, until: deadline) : forgottenPassword(user, details)
    result.report.times = run.times
    if isSignIn { result.report.hashing = start.elapsed }
    return result
  }

  private func signIn(
    _ user: LegacyUser, _ details: UserMigrationEvent, until deadline: Deadline
  ) -> ActionResult {
    guard let capacity = details.passwordCapacity else { return unmatched("no password") }
    let password = Password(capacity: capacity) { details.readPassword(into: $0) }
    guard password.count > 0 else { return unmatched("no password") }
    // Attempts are counted by account: a quick answer to a name in a spelling of its own would tell that there is one.
    guard user.mayTry else {
      computeForNobody(password, until: deadline)
      return unmatched("too many attempts")
    }
    guard let hash = user.passwordHash else {
      computeForNobody(password, until: deadline)
      return unmatched("unknown user")
    }
    do {
      guard try isMatch(password, hash, until: deadline) else { return unmatched("wrong password") }
    } catch {
      computeForNobody(password, until: deadline)
      // Who is locked is as one who is not there.
      if error == .text(.noPassword) { return unmatched("unknown user") }
      return unmatched("hash not verified", problem: "a user's hash \(error)")
    }
    return migrated(user, details, keepsPassword: true)
  }

  private func forgottenPassword(
    _ user: LegacyUser, _ details: UserMigrationEvent
  ) -> ActionResult {
    guard let hash = user.passwordHash else { return unmatched("unknown user") }
    // Whoever has a hash that cannot be verified chooses another password; who is locked is as one who is not there.
    do { _ = try StoredHash(hash) } catch {
      if error == .noPassword { return unmatched("unknown user") }
    }
    return migrated(user, details, keepsPassword: false)
  }

  private func migrated(
    _ user: LegacyUser, _ details: UserMigrationEvent, keepsPassword: Bool
  ) -> ActionResult {
    guard
      let migrating = user.attributes.flatMap({
        MigratedUser(
          attributes: $0, userName: user.newUserName, keepsPassword: keepsPassword)
      })
    else {
      return unmatched(
        "no attributes", problem: "cognito.legacy_user gave no attributes that Cognito could take")
    }
    // The names are the team's own; a value is somebody's.
    let problem: String? =
      migrating.leftOut.isEmpty
      ? nil
      : "cognito.legacy_user gave what Cognito would refuse the user for, so that it is left out: "
        + Set(migrating.leftOut.map(\.loggableName)).sorted().joined(separator: ", ")
    // Without one Cognito could send no code.
    guard keepsPassword || migrating.hasVerifiedAddress else {
      return unmatched("no verified address", problem: problem)
    }
    do {
      return ActionResult(
        .replaced(try details.answer(with: migrating)),
        ActionReport(outcome: .migrated, problem: problem))
    } catch {
      return ActionResult(.migrationEvent(error))
    }
  }

  private func unmatched(_ reason: String, problem: String? = nil) -> ActionResult {
    ActionResult(.echo, ActionReport(outcome: .unmatched, problem: problem, reason: reason))
  }

  /// The same work as for somebody, where there is time for it.
  private func computeForNobody(_ password: borrowing Password, until deadline: Deadline) {
    guard let usual, refusal(of: usual, until: deadline) == nil else { return }
    _ = try? isRight(password, usual)
  }

  private func isMatch(
    _ password: borrowing Password, _ hash: String, until deadline: Deadline
  ) throws(HashProblem) -> Bool {
    let scheme: HashScheme
    do { scheme = try StoredHash(hash).scheme } catch { throw .text(error) }
    if scheme.isWeak, !settings.allowsWeakHashes { throw .weak }
    if let refusal = refusal(of: scheme, until: deadline) { throw .cost(refusal) }
    if settings.dummy == nil { usual = scheme }
    do { return try isRight(password, scheme) } catch { throw .computation(error) }
  }

  private func refusal(of scheme: HashScheme, until deadline: Deadline) -> CostRefusal? {
    settings.size?.refusal(of: HashCost(of: scheme), within: deadline.remaining)
  }
}

/// Why a user's hash was not verified: nothing of the user, and nothing of the hash.
private enum HashProblem: Error, Equatable, CustomStringConvertible {
  case text(HashFault)
  case weak
  case cost(CostRefusal)
  case computation(VerificationFault)

  var description: String {
    switch self {
    case .text(let fault): "cannot be verified: it \(fault)"
    case .weak:
      "is MD5 or SHA-1 with little to slow it down: MIGRATE_WEAK_HASHES=on verifies those, too"
    case .cost(let refusal): "was not verified: \(refusal)"
    case .computation(let fault): "was not verified: \(fault)"
    }
  }
}
