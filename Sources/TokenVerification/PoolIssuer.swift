import AWS
import CognitoTriggers
import JSON

/// A name by which a user pool issues tokens, and where its keys are.
public struct PoolIssuer: Sendable, Hashable {
  /// What the claim `iss` says, to the byte.
  let name: JSONKey
  /// Made from the pool's id and the endpoint, never from a token.
  let keysURL: String
  /// The host of that URL.
  let keysHost: String
  /// Whether only some pools have it: those whose issuer type is `UPDATED`, or that are replicated.
  let isOptional: Bool
}

/// Every name by which one user pool issues tokens, and no other.
///
/// Source: Amazon Cognito user pools API reference, `IssuerConfigurationType`: `ORIGINAL` and `UPDATED`, the region
/// being that of the endpoint that issued the token or the pool's primary one; the keys are below the issuer, at
/// `/.well-known/jwks.json`. Of a pool whose type is `ORIGINAL` the other host knows nothing: it answers 403.
public struct PoolIssuers: Sendable {
  /// The pool's own region first; each once.
  let all: [PoolIssuer]

  /// - Parameters:
  ///   - pool: asked for in its primary region.
  ///   - regions: others that have a replica of it.
  ///   - service: Amazon Cognito user pools.
  ///   - endpoint: a URL serves the keys of every issuer, and is one more issuer, as emulators have it. Among AWS's own
  ///     hosts it does not choose: the keys are where the issuer's name says.
  public init(
    of pool: UserPoolID, alsoIn regions: [String], service: AWSService, endpoint: ServiceEndpoint
  ) {
    let updated = AWSService(
      name: "issuer-\(service.name)", fipsName: "issuer-\(service.name)",
      variableSuffix: service.variableSuffix)
    var all: [PoolIssuer] = []
    for region in [pool.primaryRegion] + regions {
      for form in [service, updated] {
        let name = ServiceEndpoint.regional.url(of: form, region: region) + pool.text
        let isAWS = if case .aws = endpoint { true } else { false }
        let base = isAWS ? name : endpoint.url(of: service, region: region) + pool.text
        let issuer = PoolIssuer(
          name: JSONKey(name), keysURL: "\(base)/.well-known/jwks.json",
          keysHost: isAWS
            ? ServiceEndpoint.regional.host(of: form, region: region)
            : endpoint.host(of: service, region: region),
          isOptional: region != pool.primaryRegion || form.name == updated.name)
        if !all.contains(issuer) { all.append(issuer) }
        if !isAWS, !all.contains(where: { $0.name == JSONKey(base) }) {
          all.append(
            PoolIssuer(
              name: JSONKey(base), keysURL: issuer.keysURL, keysHost: issuer.keysHost,
              isOptional: false))
        }
      }
    }
    self.all = all
  }

  /// The issuer of just this name, byte for byte; nil where the pool has none.
  subscript(name: String) -> PoolIssuer? {
    all.first { $0.name == JSONKey(name) }
  }
}
