import Clock
import CognitoAPI
import UserTable

/// A run, and how far it has come; saved, so that another process can resume it.
struct RunRecord {
  let id: String
  /// When the listing began.
  let observedAt: Timestamp
  /// Where in the listing to go on; nil at its beginning.
  var position: String?
  var counts: Counts

  /// For the sightings of a whole run.
  private static let forgettingTimeout = Duration.seconds(300)

  /// Begins a run.
  ///
  /// - Parameter options: what must be the same for another process to resume it.
  static func begin(
    _ listing: some UserListing, options: String, of pool: UserPoolID,
    on connection: TableConnection
  ) throws(ReconciliationError) -> RunRecord {
    try connection.run(ForgetSightings(ofPool: pool.text), within: forgettingTimeout)
    return RunRecord(
      try connection.run(
        BeginReconciliation(
          ofPool: pool.text, source: listing.name, options: options,
          observedAt: listing.observedAt)))
  }

  /// - Returns: the pool's last run, where it has not ended and was of the same listing; nil elsewhere.
  static func interrupted(
    _ listing: some UserListing, options: String, of pool: UserPoolID,
    on connection: TableConnection
  ) throws(ReconciliationError) -> RunRecord? {
    try connection.run(
      FindInterruptedReconciliation(ofPool: pool.text, source: listing.name, options: options)
    ).map(RunRecord.init)
  }

  private init(_ row: ReconciliationRow) {
    id = row.id
    observedAt = row.observedAt
    position = row.position
    counts = row.counts.map { Counts(json: $0) } ?? Counts()
  }

  func save(on connection: TableConnection) throws(ReconciliationError) {
    try connection.run(SaveReconciliation(id, position: position, counts: counts.json))
  }

  /// - Parameter isWhole: as `FinishReconciliation` takes it.
  func finish(isWhole: Bool?, on connection: TableConnection) throws(ReconciliationError) {
    try connection.run(FinishReconciliation(id, counts: counts.json, isWhole: isWhole))
    try connection.run(ForgetSightings(by: id), within: Self.forgettingTimeout)
  }
}
