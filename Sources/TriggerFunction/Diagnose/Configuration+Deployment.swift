import CognitoAPI
import Doctor
import Postgres
import Settings

extension Configuration {
  /// What the doctor measures by.
  ///
  /// - Parameter environment: says which function this is, where it runs as one.
  public func deployment(_ environment: Environment) -> Deployment {
    var deployment = Deployment()
    deployment.pools = userPoolIDs.sorted().compactMap { UserPoolID($0) }
    deployment.region = region
    deployment.function = environment["AWS_LAMBDA_FUNCTION_NAME"].flatMap { FunctionReference($0) }
    deployment.memory = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"].flatMap { Int($0) }
    deployment.budget = budget
    deployment.features.tokenRoles = putsRolesIntoTokens
    deployment.features.tokenClaims = putsClaimsIntoTokens
    deployment.features.syncOnToken = writesOnToken
    deployment.features.decidesSignUps = signUp.isOn
    deployment.features.asksDatabaseAboutSignUps = signUp.asksDatabase
    deployment.features.migratesUsers = migration != nil
    deployment.features.linksProviders = linking != nil
    deployment.features.followsChanges = followsChanges
    deployment.features.writeBackAttribute = writeBackAttribute
    deployment.features.pushesOnSchedule = pushesOnSchedule
    deployment.features.createsGroups = createsGroups
    deployment.features.answersAppSync = answersAppSync
    return deployment
  }

  /// The way to the database, with the credentials that the function has.
  ///
  /// - Parameter migrations: which there are; nil where nobody can say.
  public func databaseAccess(
    migrations: ((Connection) -> MigrationState?)? = nil
  ) -> DatabaseAccess {
    let source = ConnectionSource(database, credentials)
    return DatabaseAccess(
      parameters: database,
      open: { (deadline) throws(PostgresError) in try source.open(until: deadline) },
      remedy: \.remedy, migrations: migrations)
  }
}
