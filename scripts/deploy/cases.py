"""cases.py: the ways to deploy template.yaml that check.py goes through, and those that it must refuse."""

from __future__ import annotations

REGION = "eu-central-1"

SECRET = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:pooltable-AbCdEf"
VPC = {"SubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d", "SecurityGroupIds": "sg-0a1b2c3d"}
PROXY = {
    "DatabaseProxy": "create",
    "ProxySubnetIds": "subnet-0a1b2c3d,subnet-1a2b3c4d",
    "ProxySecurityGroupIds": "sg-1a2b3c4d",
    "DatabaseSecretArn": SECRET,
    "DatabaseName": "app",
    **VPC,
}
LAYER = {
    "SecretsExtensionLayerArn": f"arn:aws:lambda:{REGION}:111122223333:layer:"
    "AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:1"
}
KEY = {"DatabaseSecretKeyArn": f"arn:aws:kms:{REGION}:111122223333:key/0a1b2c3d-0000-0000-0000-000000000000"}
DIRECT = {"DatabaseHost": "db.example", "DatabaseName": "app"}
WRITE_BACK = {"WriteBackAttribute": "custom:userId"}
PUSH = {"PushSchedule": "rate(1 minute)"}
ACCEPTED = {"DatabaseAuth": "password", "DatabaseUrl": "postgresql://u:p@db.example/app"}
WRITE_BACK_ACTIONS = {"cognito-idp:AdminUpdateUserAttributes"}
FOLLOW = {"FollowChanges": "on"}
FOLLOW_ACTIONS = {"cognito-idp:AdminGetUser", "cognito-idp:ListUsers", "sqs:SendMessage"}
LINK = {"LinkProviders": "Google,SignInWithApple"}
LINK_ACTIONS = {f"cognito-idp:{call}" for call in ("ListUsers", "AdminGetUser", "AdminLinkProviderForUser")}
PUSH_ACTIONS = {f"cognito-idp:Admin{call}" for call in ("AddUserToGroup", "RemoveUserFromGroup", "ListGroupsForUser")}
URL_SECRET = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:pooltable-owner-GhIjKl"
RECONCILE = {
    "ReconcileSchedule": "rate(1 day)",
    "ReconcileImage": "team/pooltable:1.0",
    "ReconcileDatabaseUrlSecretArn": URL_SECRET,
    **VPC,
}

# Ways to deploy, by name: the parameters, the DATABASE_URL that they make, and what the function may do beyond logging.
Cases = dict[str, tuple[dict[str, str], str, set[str]]]
CASES: Cases = {
    "a URL with a password": (
        {
            "ReservedConcurrency": "0",
            "TokenRoles": "on",
            "TokenRolesKeep": "staff,eu-central-1_a1B2c3D4e_*",
            "MigrateUsers": "on",
            "MigratePepper": "a secret",
            "ReconcileRoles": "repair",
            **ACCEPTED,
        },
        "postgresql://u:p@db.example/app",
        set(),
    ),
    "IAM, directly": (
        {
            "DatabaseResourceId": "cluster-ABC123",
            "TokenClaims": "on",
            "TokenEventVersion": "V2_0",
            "ClientMetadataKeys": "referral,invite",
            "SignUpAllowedEmailDomains": "example.com,*.example.com",
            "SignUpRefusedMessage": "Nur für Mitarbeiter: fragen Sie uns",
            "LinkAnswer": "retry",
            **LINK,
            "AlarmTopicArn": f"arn:aws:sns:{REGION}:111122223333:ops",
            **DIRECT,
            **RECONCILE,
        },
        "postgresql://pooltable@db.example:5432/app?sslmode=verify-full",
        {"rds-db:connect"} | LINK_ACTIONS,
    ),
    "IAM, through a proxy, triggers detached": (
        {
            "ProxyClusterId": "cluster",
            "Triggers": "detached",
            "TokenRoles": "on",
            "SignUpPolicy": "database",
            **WRITE_BACK,
            **PROXY,
        },
        "postgresql://pooltable@${DatabaseProxyServer.Endpoint}:5432/app?sslmode=verify-full",
        {"rds-db:connect"} | WRITE_BACK_ACTIONS,
    ),
    "a secret, directly, for a pool that exists": (
        {
            "DatabaseAuth": "secret",
            "DatabaseSecretArn": SECRET,
            "ExistingUserPoolId": "eusc-de-east-1_a1B2c3D4e",
            "LinkProviders": "AcmeSAML",
            "MigrateUsers": "on",
            "MigrateWeakHashes": "on",
            "MigrateAttempts": "10/1h",
            "MigrateDummyHash": "$2y$10$" + 53 * ".",
            "MemorySize": "2048",
            "LinkSubjectAttribute": "custom:subject",
            "ReconcileRoles": "report",
            "ReconcileOverdueHours": "0",
            **RECONCILE,
            **PUSH,
            **DIRECT,
            **LAYER,
        },
        "postgresql://db.example:5432/app?sslmode=verify-full",
        {"secretsmanager:GetSecretValue"} | PUSH_ACTIONS | LINK_ACTIONS,
    ),
    "a secret with its own key, through a proxy, on arm64": (
        {
            "DatabaseAuth": "secret",
            "ProxyInstanceId": "instance",
            "Architecture": "arm64",
            "TokenRoles": "on",
            "TokenEventVersion": "V2_0",
            "TrackSignIns": "on",
            "SignUpPolicy": "database",
            "SignUpAdminCreated": "apply",
            "SignUpOnFailure": "continue",
            "PushCreateGroups": "on",
            "ReconcilePrune": "on",
            "ReconcileOverdueHours": "168",
            "ReconcileWriteBack": "on",
            "ReconcileRoles": "repair",
            **RECONCILE,
            "ReconcileImage": f"pooltable@sha256:{'0a' * 32}",
            **PUSH,
            **WRITE_BACK,
            **PROXY,
            **LAYER,
            **KEY,
        },
        "postgresql://${DatabaseProxyServer.Endpoint}:5432/app?sslmode=verify-full",
        {"secretsmanager:GetSecretValue", "kms:Decrypt", "cognito-idp:CreateGroup"} | WRITE_BACK_ACTIONS | PUSH_ACTIONS,
    ),
    "changes followed, of a pool of the stack, with a trail": (
        {
            "Doctor": "on",
            "SyncOnToken": "on",
            "TokenGenerationOnFailure": "fail",
            "CreateTrail": "on",
            "SignUpBlockedEmailDomains": "example.net",
            **FOLLOW,
            **ACCEPTED,
        },
        "postgresql://u:p@db.example/app",
        FOLLOW_ACTIONS,
    ),
    "changes followed, of a pool that exists, beside pushes": (
        {
            "ExistingUserPoolId": "eu-central-1_a1B2c3D4e",
            "AlarmTopicArn": f"arn:aws:sns:{REGION}:111122223333:ops",
            **PUSH,
            **FOLLOW,
            **ACCEPTED,
        },
        "postgresql://u:p@db.example/app",
        FOLLOW_ACTIONS | PUSH_ACTIONS,
    ),
}

# A pool that each partition may have, beside those of every region that botocore knows.
POOLS = {
    "eu-central-1_a1B2c3D4e",
    "us-gov-west-1_a1B2c3D4e",
    "cn-north-1_a1B2c3D4e",
    "us-isob-east-1_a1B2c3D4e",
    "eusc-de-east-1_a1B2c3D4e",
}
# Parameters that are refused by their pattern.
MISTYPED = [
    ("ExistingUserPoolId", "a1B2c3D4e"),
    ("ExistingUserPoolId", "eu-central-1"),
    ("ExistingUserPoolId", "eu-central-1_"),
    ("ExistingUserPoolId", "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-central-1_a1B2c3D4e"),
    ("TokenRolesKeep", "staff, admin"),
    ("SignUpRefusedMessage", "<b>no</b>"),
    ("SignUpRefusedMessage", "two\nlines"),
    ("MigrateAttempts", "5"),
    ("MigrateAttempts", "5/15"),
    ("LinkProviders", "Google, SignInWithApple"),
    ("LinkProviders", "My_Provider"),
]

# Variables of the README's table that the template leaves as they are by default.
LEFT_OUT = {
    "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT",  # the layer's own
    "APPSYNC",  # the second stack's, appsync.yaml
    "SYNC_BUDGET_MS",  # the default is what Cognito's 5 s leave
    "CONNECTION_IDLE_LIMIT_MS",
    "LOG_LEVEL",  # LoggingConfig sets AWS_LAMBDA_LOG_LEVEL
}

# Of the ways to deploy, the ones that reconcile: what the command says between --resume and --json, the repository of
# the image, and what the task may do beyond listing users.
RECONCILED: dict[str, tuple[str, str, set[str]]] = {
    "IAM, directly": ("", "team/pooltable", set()),
    "a secret, directly, for a pool that exists": (
        "--roles",
        "team/pooltable",
        {"cognito-idp:AdminListGroupsForUser"},
    ),
    "a secret with its own key, through a proxy, on arm64": (
        "--prune --write-back custom:userId --roles --repair",
        "pooltable",
        {"cognito-idp:AdminGetUser", "cognito-idp:CreateGroup"} | WRITE_BACK_ACTIONS | PUSH_ACTIONS,
    ),
}

# What the template's rules must refuse.
REFUSED: dict[str, dict[str, str]] = {
    "nothing given": {},
    "password without a URL": {"DatabaseAuth": "password", **DIRECT},
    "IAM without a resource id": DIRECT,
    "a secret without its ARN": {"DatabaseAuth": "secret", **DIRECT, **LAYER},
    "a secret without the layer": {"DatabaseAuth": "secret", "DatabaseSecretArn": SECRET, **DIRECT},
    "a proxy and a URL": {"ProxyClusterId": "c", "DatabaseUrl": "postgresql://db.example/app", **PROXY},
    "a proxy of nothing": PROXY,
    "a proxy of two": {"ProxyClusterId": "c", "ProxyInstanceId": "i", **PROXY},
    **{
        f"to reconcile without {name}": {**ACCEPTED, **RECONCILE, name: ""}
        for name in RECONCILE
        if name != "ReconcileSchedule"
    },
    "a trail for nothing": {**ACCEPTED, "CreateTrail": "on"},
    "to reconcile and write no attribute back": {**ACCEPTED, **RECONCILE, "ReconcileWriteBack": "on"},
}
