/** A question that somebody has, and the SQL that answers it in any SQLite shell. */
export interface ViewQuestion {
	readonly question: string;
	readonly sql: string;
}

/** In docs/views.md; a test asks each of them. */
export const VIEW_QUESTIONS: readonly ViewQuestion[] = [];
