"""Each row of a chain becomes a rule, and the rows of one address become one.

The oldest row of an address stays. It is on when one of them was, and verified when one of them was. The rows that were
off make rules only where all were off: none of them comes back to life. On the way back each chain of an address is a
row again; where it stands twice in one chain, its first moment.
"""

from django.db import migrations

DAY = 86400


def write_rules(apps, schema_editor):
    """Rules from the columns of the chains."""
    point_model, rule_model = apps.get_model("comms", "ContactPoint"), apps.get_model("comms", "ContactRule")
    message_model = apps.get_model("comms", "Message")
    of_address = {}
    for point in point_model.objects.order_by("pk"):
        of_address.setdefault((point.user_id, point.transport, point.address), []).append(point)
    for points in of_address.values():
        kept = points[0]
        for point in [one for one in points if one.is_enabled] or points:
            rule_model.objects.get_or_create(
                contact_point=kept, chain=point.chain, after_seconds=min(point.after_seconds, DAY)
            )
        kept.is_enabled = any(point.is_enabled for point in points)
        kept.verified_at = max((point.verified_at for point in points if point.verified_at), default=None)
        kept.secret = next((point.secret for point in points if point.secret), "")
        kept.save()
        others = [point.pk for point in points[1:]]
        message_model.objects.filter(contact_point__in=others).update(contact_point=kept)
        point_model.objects.filter(pk__in=others).delete()


def write_chains(apps, schema_editor):
    """The columns of the chains from the rules."""
    point_model, rule_model = apps.get_model("comms", "ContactPoint"), apps.get_model("comms", "ContactRule")
    for point in list(point_model.objects.order_by("pk")):
        first = {}
        for rule in rule_model.objects.filter(contact_point=point).order_by("after_seconds"):
            first.setdefault(rule.chain, rule.after_seconds)
        for number, chain in enumerate(sorted(first, reverse=True)):
            if number:
                point.pk = None
            point.chain, point.after_seconds = chain, first[chain]
            point.save()
    rule_model.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("comms", "0004_contact_rules")]

    operations = [migrations.RunPython(write_rules, write_chains)]
