import Clock
import CognitoAPI
import CognitoTriggers
import Postgres
import TriggerFunction
import UserTable

/// Goes through pairs of a federated and a native user, and makes one of two where that is right.
struct LinkSession {
  /// For looking at a pair, and for each step after that.
  private static let patience = Duration.seconds(60)

  let connection: Connection
  let linker: IdentityLinker
  let cognito: CognitoClient
  let settings: LinkSettings
  let isDryRun: Bool
  let deletesFederated: Bool

  init(
    connection: Connection, cognito: CognitoClient, settings: LinkSettings, isDryRun: Bool,
    deletesFederated: Bool
  ) {
    self.connection = connection
    self.cognito = cognito
    self.settings = settings
    self.isDryRun = isDryRun
    self.deletesFederated = deletesFederated
    linker = IdentityLinker(cognito: cognito)
  }

  /// - Throws: what concerns every pair: the database, or that Cognito refuses this caller.
  func perform(_ pair: LinkPair) throws -> LinkedPair {
    var result = LinkedPair(pair)
    guard let pool = UserPoolID(pair.federated.userPoolID) else {
      result.state = .failed(step: .look, "the user pool's id is none of Cognito's")
      return result
    }
    let found: FoundPair
    do throws(LinkFailure) {
      found = try look(at: pair, in: pool, &result)
    } catch {
      result.state = try state(after: error, in: .look)
      return result
    }
    guard !isDryRun else { return result }
    guard !result.isFederatedThere || deletesFederated else {
      result.state = .doubt(.ownUser)
      return result
    }
    if result.isFederatedThere {
      do throws(CognitoError) {
        try delete(found.federatedUserName, in: pool)
      } catch {
        result.state = try state(after: .cognito(error), in: .delete)
        return result
      }
      result.isDeleted = true
    }
    // So that another run knows it, should this one end here.
    _ = try connection.run(
      MarkDeletedCall(pair.federated, observedAt: .now()), until: .after(Self.patience))
    do throws(LinkFailure) {
      try linker.link(found.source, to: found.native, in: pool, until: .after(Self.patience))
    } catch {
      result.state = try state(after: error, in: .link)
      return result
    }
    let merge = try connection.run(
      MergeUsersCall(oldID: pair.federatedID, newID: pair.nativeID, isDryRun: false),
      until: .forWholeTable)
    result.state = .linked(merge)
    return result
  }

  /// What is to be linked, by all of the rules.
  private struct FoundPair {
    var federatedUserName: String
    var source: LinkSource
    var native: NativeUser
  }

  private func look(
    at pair: LinkPair, in pool: UserPoolID, _ result: inout LinkedPair
  ) throws(LinkFailure) -> FoundPair {
    let profile: FederatedProfile
    (profile, result.isFederatedThere) = try federatedProfile(of: pair, in: pool)
    let source: LinkSource
    do throws(LinkDoubt) { source = try LinkSource(profile, settings) } catch {
      throw .doubt(error)
    }
    result.provider = source.provider.text
    let native = try linker.native(for: source, in: pool, until: .after(Self.patience))
    // The table's native user has to be the one whom Cognito has with the address.
    guard let native, native.sub == pair.nativeSub else { throw .doubt(.changed) }
    return FoundPair(federatedUserName: profile.userName, source: source, native: native)
  }

  /// The federated user as Cognito has them, or as the row does where Cognito has them no more.
  private func federatedProfile(
    of pair: LinkPair, in pool: UserPoolID
  ) throws(LinkFailure) -> (FederatedProfile, isThere: Bool) {
    guard let name = pair.federatedUserName else { throw .doubt(.changed) }
    do throws(CognitoError) {
      let user = try cognito.user(name, in: pool, until: .after(Self.patience))
      // The name may be another user's by now.
      if user.sub == pair.federated.sub, user.status == "EXTERNAL_PROVIDER" {
        return (
          FederatedProfile(userName: user.username, attributes: UserAttributes(user.attributes)),
          isThere: true
        )
      }
    } catch .userNotFound {
      return (
        FederatedProfile(userName: name, attributes: pair.federatedAttributes), isThere: false
      )
    } catch {
      throw .cognito(error)
    }
    throw .doubt(.changed)
  }

  private func delete(_ userName: String, in pool: UserPoolID) throws(CognitoError) {
    do throws(CognitoError) {
      try cognito.deleteUser(userName, in: pool, until: .after(Self.patience))
    } catch .userNotFound {
      // An attempt whose answer was lost has done it.
    }
  }

  /// - Throws: where no other pair would fare better, and nothing was done about this one.
  private func state(
    after failure: LinkFailure, in step: LinkedPair.Step
  ) throws(CommandFailure) -> LinkedPair.State {
    switch failure {
    case .doubt(let doubt, _):
      return step == .look
        ? .doubt(doubt) : .failed(step: step, "\(doubt.rawValue): \(doubt.meaning)")
    case .cognito(let error, _):
      if step != .link, !error.isPermanent, !error.isTransient {
        throw CommandFailure(error.description)
      }
      return .failed(step: step, error.description)
    }
  }
}
