import AWS
import CognitoTriggers

extension UserPoolID {
  /// Whether `region` has a replica of the pool, which may be read and not written, where it has the pool at all.
  ///
  /// - Parameter region: of who asks; an emulator's word for one says nothing.
  /// - Source: Amazon Cognito Developer Guide, "Multi-Region replication": the id keeps the primary's region.
  public func isReplica(in region: String) -> Bool {
    region != primaryRegion && Partition.isRegion(region) && Partition.isRegion(primaryRegion)
  }
}
