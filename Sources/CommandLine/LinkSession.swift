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
  /// Where linking is known to be permitted.
  private var openPools: Set<UserPoolID> = []

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

  /// Looks at a pair, and does what is to be done about it, as far as that goes.
  mutating func perform(_ pair: LinkPair) -> LinkedPair {
    var result = LinkedPair(pair)
    guard let pool = UserPoolID(pair.federated.userPoolID) else {
      result.state = .failed(step: .look, "the user pool's id is none of Cognito's")
      return result
    }
    let found: FoundPair
    do throws(LinkFailure) {
      found = try look(at: pair, in: pool, &result)
    } catch {
      result.fail(error, in: .look)
      return result
    }
    guard !isDryRun else { return result }
    guard !result.isFederatedThere || deletesFederated else {
      result.state = .doubt(.ownUser)
      return result
    }
    if result.isFederatedThere {
      do throws(CognitoError) {
        try makeSureOfPermission(in: pool)
      } catch {
        result.fail(.cognito(error), in: .look)
        return result
      }
      do throws(CognitoError) {
        try delete(found.federatedUserName, in: pool)
      } catch {
        result.fail(.cognito(error), in: .delete)
        return result
      }
      result.isDeleted = true
    }
    do throws(LinkFailure) {
      try linker.link(found.source, to: found.native, in: pool, until: .after(Self.patience))
    } catch {
      // The row, which is not marked, does not keep another run from going on here.
      result.fail(error, in: .link)
      return result
    }
    do throws(PostgresError) {
      result.state = .linked(try merge(pair))
    } catch {
      result.fail(error)
    }
    return result
  }

  /// Before anybody of the pool is deleted: without the permission that user would be gone, and nothing linked.
  private mutating func makeSureOfPermission(in pool: UserPoolID) throws(CognitoError) {
    guard !openPools.contains(pool) else { return }
    try cognito.tryLinking(in: pool, until: .after(Self.patience))
    openPools.insert(pool)
  }

  private func merge(_ pair: LinkPair) throws(PostgresError) -> MergeResult {
    _ = try connection.run(
      MarkDeletedCall(pair.federated, observedAt: .now()), until: .after(Self.patience))
    return try connection.run(
      MergeUsersCall(oldID: pair.federatedID, newID: pair.nativeID, isDryRun: false),
      until: .forWholeTable)
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
}
