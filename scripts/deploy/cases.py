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
PUSH_ACTIONS = {f"cognito-idp:Admin{call}" for call in ("AddUserToGroup", "RemoveUserFromGroup", "ListGroupsForUser")}
URL_SECRET = f"arn:aws:secretsmanager:{REGION}:111122223333:secret:pooltable-owner-GhIjKl"
RECONCILE = {
    "ReconcileSchedule": "rate(1 day)",
    "ReconcileImage": "team/pooltable:1.0",
    "ReconcileDatabaseUrlSecretArn": URL_SECRET,
    **VPC,
}

# Ways to deploy: the parameters, the DATABASE_URL that they make, and what the function may do beyond logging.
CASES: dict[str, tuple[dict[str, str], str, set[str]]] = {
    "a URL with a password": (
        {
            "ReservedConcurrency": "0",
            "TokenRoles": "on",
            "ReconcileRoles": "repair",
            **ACCEPTED,
        },
        "postgresql://u:p@db.example/app",
        set(),
    ),
    "IAM, directly": (
        {
            "DatabaseResourceId": "cluster-ABC123",
            "AlarmTopicArn": f"arn:aws:sns:{REGION}:111122223333:ops",
            **DIRECT,
            **RECONCILE,
        },
        "postgresql://pooltable@db.example:5432/app?sslmode=verify-full",
        {"rds-db:connect"},
    ),
    "IAM, through a proxy, triggers detached": (
        {"ProxyClusterId": "cluster", "Triggers": "detached", "TokenRoles": "on", **WRITE_BACK, **PROXY},
        "postgresql://pooltable@${DatabaseProxyServer.Endpoint}:5432/app?sslmode=verify-full",
        {"rds-db:connect"} | WRITE_BACK_ACTIONS,
    ),
    "a secret, directly, for a pool that exists": (
        {
            "DatabaseAuth": "secret",
            "DatabaseSecretArn": SECRET,
            "ExistingUserPoolId": f"{REGION}_a1B2c3D4e",
            "ReconcileRoles": "report",
            **RECONCILE,
            **PUSH,
            **DIRECT,
            **LAYER,
        },
        "postgresql://db.example:5432/app?sslmode=verify-full",
        {"secretsmanager:GetSecretValue"} | PUSH_ACTIONS,
    ),
    "a secret with its own key, through a proxy, on arm64": (
        {
            "DatabaseAuth": "secret",
            "ProxyInstanceId": "instance",
            "Architecture": "arm64",
            "TokenRoles": "on",
            "TokenEventVersion": "V2_0",
            "TrackSignIns": "on",
            "PushCreateGroups": "on",
            "ReconcilePrune": "on",
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
}

# Of these, the ones that reconcile: what the command says after --resume, the repository of the image, and
# what the task may do beyond listing users.
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
        {"cognito-idp:CreateGroup"} | WRITE_BACK_ACTIONS | PUSH_ACTIONS,
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
    "to reconcile and write no attribute back": {**ACCEPTED, **RECONCILE, "ReconcileWriteBack": "on"},
}
