using MongoDB.Bson;

namespace SessionStores.Mongo;

/// <content>The sessions that are listed, counted and ended together.</content>
internal static partial class MongoCommands
{
    /// <summary>The sessions of a subject or with a key, and the links that rotations have left of them.</summary>
    public sealed class Members
    {
        private readonly string _field;
        private readonly string _text;
        private readonly DateTimeOffset? _joinedBy;

        private Members(string field, string text, DateTimeOffset? joinedBy)
        {
            _field = field;
            _text = text;
            _joinedBy = joinedBy;
        }

        public bool AreByKey => _field == SessionKey;

        /// <summary>Those that are live.</summary>
        public BsonDocument Live => In(AllLive);

        /// <param name="subject">The subject.</param>
        /// <param name="joinedBy">Only those that had joined it by then, or of which that is not known; null for all.</param>
        public static Members OfSubject(string subject, DateTimeOffset? joinedBy = null) => new(Subject, subject, joinedBy);

        public static Members OfKey(string key) => new(SessionKey, key, null);

        /// <summary>Narrows a filter to them.</summary>
        public BsonDocument In(BsonDocument filter)
        {
            // DocumentDB reads every entry of the index of the ids that is in a range, however few sessions the subject has.
            if (filter.Contains(Id))
                filter[Id] = IsText;

            filter.Add(_field, _text);
            return _joinedBy is { } instant ? filter.Add(Joined, new BsonDocument("$not", new BsonDocument("$gt", Date(instant)))) : filter;
        }

        public bool Has(MongoRecord found) => AreByKey ? found.HasKey(_text) : found.HasSubject(_text) && (_joinedBy is null || found.HasJoinedBy(_joinedBy.Value));
    }
}
