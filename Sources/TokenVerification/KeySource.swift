import Clock

/// Where a verifier finds the keys of an issuer.
public protocol KeySource {
  /// - Parameter id: the token's word for it.
  /// - Returns: nil where the issuer has no such key.
  /// - Throws: where that cannot be found out.
  func key(
    _ id: String, of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKey?
}

/// Keys that are known beforehand, for every issuer of the pool.
extension JSONWebKeySet: KeySource {
  public func key(
    _ id: String, of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKey? {
    self[id]
  }
}

/// Keys that are fetched when they are needed first, and kept. An issuer is asked again for a key that it did not have,
/// since keys are changed, but once a minute at most: anybody can write an unknown id into a token.
///
/// Not for several threads.
public final class KeptKeys: KeySource {
  /// How often an issuer is asked for ids that it did not have.
  static let pause = Duration.seconds(60)

  private struct Kept {
    var keys: JSONWebKeySet
    var askedAt: Instant
    /// Why the last attempt brought no newer keys.
    var failure: KeyFailure?
  }

  private let fetch: (PoolIssuer, Deadline) throws(KeyFailure) -> JSONWebKeySet
  private let now: () -> Instant
  private var kept: [PoolIssuer: Kept] = [:]

  /// - Parameters:
  ///   - now: by the monotonic clock.
  ///   - fetch: asks an issuer, as `KeyFetcher` does.
  public init(
    now: @escaping () -> Instant = Instant.now,
    fetch: @escaping (PoolIssuer, Deadline) throws(KeyFailure) -> JSONWebKeySet
  ) {
    self.now = now
    self.fetch = fetch
  }

  public func key(
    _ id: String, of issuer: PoolIssuer, until deadline: Deadline
  ) throws(KeyFailure) -> JSONWebKey? {
    guard var known = kept[issuer] else {
      // Until there are keys every token asks: an issuer that was away for a moment costs no minute.
      let keys = try fetch(issuer, deadline)
      kept[issuer] = Kept(keys: keys, askedAt: now())
      return keys[id]
    }
    if let key = known.keys[id] { return key }
    if known.askedAt.duration(to: now()) >= Self.pause {
      known.askedAt = now()
      known.failure = nil
      do { known.keys = try fetch(issuer, deadline) } catch { known.failure = error }
      kept[issuer] = known
    }
    if let failure = known.failure { throw failure }
    return known.keys[id]
  }
}

/// All keys of a pool, for another verifier: those of each of its issuers.
public final class PoolKeys {
  private let issuers: PoolIssuers
  private let fetch: (PoolIssuer, Deadline) throws(KeyFailure) -> JSONWebKeySet
  private var answered: Set<String> = []

  /// - Parameter fetch: asks an issuer, as `KeyFetcher` does.
  public init(
    _ issuers: PoolIssuers,
    fetch: @escaping (PoolIssuer, Deadline) throws(KeyFailure) -> JSONWebKeySet
  ) {
    self.issuers = issuers
    self.fetch = fetch
  }

  /// Asks each issuer once. One that only some pools have, and that answers that there is nothing, is left out; but not
  /// when it answered before: its tokens are about, and their key must not be lost.
  ///
  /// - Returns: keys that verify tokens.
  /// - Throws: the first issuer's failure that matters.
  public func all(until deadline: Deadline) throws(KeyFailure) -> JSONWebKeySet {
    var keys = JSONWebKeySet(keys: [])
    var asked: Set<String> = []
    for issuer in issuers.all where asked.insert(issuer.keysURL).inserted {
      do {
        keys = keys.adding(try fetch(issuer, deadline).usable)
        answered.insert(issuer.keysURL)
      } catch {
        guard issuer.isOptional, error.meansThereIsNone, !answered.contains(issuer.keysURL) else {
          throw error
        }
      }
    }
    return keys
  }
}
