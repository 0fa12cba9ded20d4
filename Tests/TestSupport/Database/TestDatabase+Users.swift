import Foundation

/// A row of `cognito.users` that a test has made.
public struct TestUser {
  public let id: String
  public let sub: String
}

extension TestDatabase {
  public static let pool = "eu-central-1_a"

  /// A user of whom every column holds something, with a role of the same name, two sign-ins, and a change of roles that
  /// waits to be pushed.
  ///
  /// - Parameter deletedDaysAgo: nil for a live one.
  public func addUser(
    _ name: String, pool: String = TestDatabase.pool, deletedDaysAgo: Int? = nil
  ) throws -> TestUser {
    let (id, sub) = (UUID().uuidString.lowercased(), UUID().uuidString.lowercased())
    try query(
      """
      INSERT INTO cognito.users (
        id, user_pool_id, sub, username, email, email_verified, phone_number, phone_number_verified, status,
        attributes, identities, client_metadata, sign_up_client_id, confirmed_at, last_sign_in_at, observed_at,
        deleted_at)
      VALUES (
        $1::uuid, $2::text, $3::uuid, $4::text, $4::text || '@example.com', true, '+1555' || $4::text, true,
        'CONFIRMED', jsonb_build_object('name', $4::text),
        jsonb_build_array(jsonb_build_object('providerName', 'Google', 'userId', $4::text)),
        jsonb_build_object('client', $4::text), 'web', now(), now(), '2026-01-01Z',
        now() - make_interval(days => $5::integer))
      """, [id, pool, sub, name, deletedDaysAgo.map(String.init)])
    try query(
      """
      INSERT INTO cognito.sign_ins (user_id, day, first_at, last_at, count, requests)
      VALUES ($1::uuid, '2026-01-01', '2026-01-01T10:00Z', '2026-01-01T12:00Z', 2, '{1,2}'),
        ($1::uuid, '2026-01-02', '2026-01-02T10:00Z', '2026-01-02T10:00Z', 1, '{3}')
      """, [id])
    try query(
      "INSERT INTO cognito.roles (name) VALUES ($1::text) ON CONFLICT DO NOTHING", [name])
    try query(
      "INSERT INTO cognito.user_roles SELECT $1::uuid, id FROM cognito.roles WHERE name::text = $2::text",
      [id, name])
    return TestUser(id: id, sub: sub)
  }

  /// Everything that the schema's tables hold, as one text.
  public func everything() throws -> String {
    let tables = try query(
      """
      SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
      """)
    return try tables.compactMap { $0.first ?? nil }.map { table in
      let rows = try value("SELECT string_agg(t::text, ';' ORDER BY t::text) FROM \(table) AS t")
      return "\(table): \(rows ?? "")"
    }.joined(separator: "\n")
  }
}
